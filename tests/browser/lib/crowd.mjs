/** A city whose lists are longer than a page: a hall full of guests, a round of cafés, a chain of six cases. */

export const FIRST_CASE = 'NGUOI-DAU-TIEN';
export const HALL = 'HOI-TRUONG';
export const GUESTS = 230;
export const CAFES = 120;
export const FRIENDS = 130;
/** Cases, each met by the one before. */
export const CHAIN = 6;

const two = (n) => String(n).padStart(2, '0');
const three = (n) => String(n).padStart(3, '0');
const at = (day, minute) => `2021-10-${two(day)}T${two(Math.floor(minute / 60))}:${two(minute % 60)}:00+07:00`;
const H = 60;

export const link = (n) => `DOI-${three(n)}`;
const guest = (n) => `KHACH-${three(n)}`;

function venue(code, name, type) {
  const place = { district: '007', lat: 21.0169, lon: 105.8525 };
  return { kind: 'venue', id: `v-${code}`, at: at(1, 0), venue: code, name, type, ...place };
}

function scan(person, place, day, minute, direction) {
  const id = `s-${person}-${place}-${day}-${minute}-${direction}`;
  return { kind: 'scan', id, at: at(day, minute), person, venue: place, mode: 'venue_qr', direction };
}

const stay = (person, place, day, from, to) => [
  scan(person, place, day, from, 'in'),
  scan(person, place, day, to, 'out'),
];

function f0(person, day, minute, onset) {
  const told = { onset: at(onset, 0), isolated_at: at(day, minute + 30), district: '007', found: 'community' };
  return { kind: 'case', id: `c-${person}`, at: at(day, minute), person, status: 'f0', ...told };
}

const count = (n, make) => Array.from({ length: n }, (_, index) => make(index)).flat();

/** All events in the order of their time: the fourteenth to noon of the seventeenth. */
export function crowd() {
  const events = [
    venue(HALL, 'Hội trường Hòa Bình', 'leisure'),
    ...count(CAFES, (n) => venue(`QUAN-${three(n)}`, `Cà phê số ${n + 1}`, 'cafe')),
    // A morning in the hall; the later a guest comes, the shorter together.
    ...stay(FIRST_CASE, HALL, 14, 8 * H, 9 * H + 40),
    ...count(GUESTS, (n) => stay(guest(n), HALL, 14, 8 * H + 5 + (n % 60), 9 * H + 30)),
    // Two minutes in each café, with the first link of the chain.
    ...count(CAFES, (n) => {
      const from = 10 * H + 2 * n;
      return [FIRST_CASE, link(1)].flatMap((person) => stay(person, `QUAN-${three(n)}`, 14, from, from + 2));
    }),
    // Each link sits an hour with the next.
    ...count(CHAIN - 1, (n) =>
      [link(n + 1), link(n + 2)].flatMap((person) => stay(person, `QUAN-${three(n)}`, 14, (15 + n) * H, (16 + n) * H)),
    ),
    f0(FIRST_CASE, 14, 21 * H, 14),
    ...count(CHAIN, (n) => f0(link(n + 1), 15, 12 * H + n, 15)),
    // Two days later a guest, infectious by then, meets friends.
    ...stay(guest(200), HALL, 16, 8 * H, 10 * H),
    ...count(FRIENDS, (n) => stay(`BAN-${three(n)}`, HALL, 16, 8 * H + 10, 9 * H)),
    ...stay('NGUOI-CUOI', 'QUAN-000', 17, 11 * H, 12 * H),
  ];
  return events.sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
}
