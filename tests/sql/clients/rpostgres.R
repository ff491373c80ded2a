# Tries RPostgres: types, values, tables, reading in portions. Ends with 3 where the package is not installed.
if (!requireNamespace("RPostgres", quietly = TRUE)) quit(status = 3)
library(DBI)
url <- regmatches(Sys.getenv("VONGLAU_PG_URL"),
                  regexec("^postgresql://([^:]+):([^@]+)@([^:]+):([0-9]+)/([^?]+)", Sys.getenv("VONGLAU_PG_URL")))[[1]]
connect <- function(...) dbConnect(RPostgres::Postgres(), user = url[2], password = url[3], host = url[4],
                                   port = as.integer(url[5]), dbname = url[6], ...)
told <- function(expr) tryCatch({ expr; "no error" }, error = conditionMessage)
con <- connect()

stopifnot("visits" %in% dbListTables(con))
stopifnot(dbExistsTable(con, "visits"), !dbExistsTable(con, "vists"))
stopifnot(dbExistsTable(con, Id(schema = "public", table = "visits")))
columns <- c("person", "venue", "start_at", "end_at", "seconds", "open")
stopifnot(identical(dbListFields(con, "visits"), columns))
stopifnot(identical(dbListFields(con, Id(schema = "public", table = "visits")), columns))
stopifnot(any(dbListObjects(con)$is_prefix), nrow(dbListObjects(con, Id(schema = "public"))) > 10)

visits <- dbGetQuery(con, "SELECT person, venue, start_at, seconds, open FROM visits ORDER BY start_at, person LIMIT 10")
stopifnot(nrow(visits) == 10, is.character(visits$person), inherits(visits$start_at, "POSIXct"))
stopifnot(inherits(visits$seconds, "integer64"), is.logical(visits$open))
one <- dbGetQuery(con, "SELECT DATE '2021-10-20' AS d, 12.50::numeric(10, 2) AS n, 1.5::float8 AS f, NULL::bigint AS b")
stopifnot(one$d == as.Date("2021-10-20"), one$n == 12.5, one$f == 1.5, is.na(one$b))

# The same moment in whatever zone.
local <- connect(timezone = "Asia/Ho_Chi_Minh", bigint = "numeric")
there <- dbGetQuery(local, "SELECT start_at, seconds FROM visits ORDER BY start_at, person LIMIT 10")
stopifnot(all(there$start_at == visits$start_at), is.numeric(there$seconds))
stopifnot(attr(there$start_at, "tzone") == "Asia/Ho_Chi_Minh")
dbDisconnect(local)

count <- "SELECT count(*) AS n FROM visits WHERE person = $1 AND seconds >= $2 AND start_at >= $3"
first <- visits$start_at[1]
stopifnot(dbGetQuery(con, count, params = list(visits$person[1], 0, first))$n >= 1)
stopifnot(nrow(dbGetQuery(con, count, params = list(visits$person, rep(0, 10), rep(first, 10)))) == 10)

result <- dbSendQuery(con, "SELECT person FROM visits")
stopifnot(nrow(dbFetch(result, n = 5)) == 5, nrow(dbFetch(result, n = 5)) == 5, !dbHasCompleted(result))
dbClearResult(result)
stopifnot(dbWithTransaction(con, dbGetQuery(con, "SELECT 1 AS one")$one) == 1)

stopifnot(grepl("persn", told(dbGetQuery(con, "SELECT persn FROM visits"))))
stopifnot(grepl("reading only", told(dbExecute(con, "DELETE FROM visits"))))
stopifnot(grepl("reading only", told(dbCreateTable(con, "mine", c(a = "int")))))
stopifnot(nrow(dbReadTable(con, "wards")) >= 0)
dbDisconnect(con)
