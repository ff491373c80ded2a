# Tries RPostgres: types, values, tables, reading in portions. Ends with 3 where the package is not installed.
if (!requireNamespace("RPostgres", quietly = TRUE)) quit(status = 3)
library(DBI)
url <- regmatches(Sys.getenv("VONGLAU_PG_URL"),
                  regexec("^postgresql://([^:]+):([^@]+)@([^:]+):([0-9]+)/([^?]+)", Sys.getenv("VONGLAU_PG_URL")))[[1]]
con <- dbConnect(RPostgres::Postgres(), user = url[2], password = url[3], host = url[4], port = as.integer(url[5]),
                 dbname = url[6])
stopifnot("visits" %in% dbListTables(con))
stopifnot(dbExistsTable(con, "visits"), !dbExistsTable(con, "vists"))
stopifnot("start_at" %in% dbListFields(con, "visits"))
visits <- dbGetQuery(con, "SELECT person, venue, start_at, seconds, open FROM visits ORDER BY start_at LIMIT 10")
stopifnot(nrow(visits) == 10, inherits(visits$start_at, "POSIXct"), is.logical(visits$open))
one <- dbGetQuery(con, "SELECT count(*) AS n FROM visits WHERE person = $1 AND seconds >= $2",
                  params = list(visits$person[1], 0))
stopifnot(one$n >= 1)
result <- dbSendQuery(con, "SELECT person FROM visits")
stopifnot(nrow(dbFetch(result, n = 5)) == 5, nrow(dbFetch(result, n = 5)) == 5)
dbClearResult(result)
wrong <- tryCatch(dbGetQuery(con, "SELECT persn FROM visits"), error = conditionMessage)
stopifnot(is.character(wrong), grepl("persn", wrong))
stopifnot(nrow(dbReadTable(con, "wards")) >= 0)
dbDisconnect(con)
