/** A small city whose every event is written down: a market where people fell ill, a quiet café, a checkpoint. */

export const MARKET_DISTRICT = '007';
export const INDEX_CASE = 'NGUOI-BAN-HANG-01';
const GUESTS = 24;
const PASSERS_BY = 1_250;

const at = (day, clock) => `2021-10-${String(day).padStart(2, '0')}T${clock}:00+07:00`;
const two = (n) => String(n).padStart(2, '0');
const minute = (n) => `${two(Math.floor(n / 60))}:${two(n % 60)}`;

function venue(code, name, type, district, lat, lon) {
  return { kind: 'venue', id: `v-${code}`, at: at(1, '00:00'), venue: code, name, type, district, lat, lon };
}

function scan(person, place, day, clock, direction) {
  const id = `s-${person}-${place}-${day}-${clock}-${direction}`.replaceAll(/[^A-Za-z0-9_.:-]/g, '').slice(0, 64);
  return { kind: 'scan', id, at: at(day, clock), person, venue: place, mode: 'person_qr', direction };
}

function f0(person, day, clock, more) {
  const place = { district: MARKET_DISTRICT, found: 'community' };
  return { kind: 'case', id: `c-${person}`, at: at(day, clock), person, status: 'f0', ...place, ...more };
}

const guest = (n) => `KHACH-${two(n)}`;

function registry() {
  const people = Array.from({ length: GUESTS }, (_, n) => {
    const born = `${1940 + n * 2}-02-01`;
    return { kind: 'resident', id: `r-${n}`, at: at(1, '01:00'), person: guest(n), born_on: born, district: '007' };
  });
  const doses = people.slice(0, 7).flatMap(({ person }, n) =>
    [1, 2].slice(0, n < 4 ? 2 : 1).map((dose) => {
      const given_on = `2021-09-${10 + dose}`;
      return { kind: 'vaccination', id: `x-${n}-${dose}`, at: at(1, '02:00'), person, dose, given_on };
    }),
  );
  return [
    venue('CHO-HOM', 'Chợ Hôm', 'market', '007', 21.0169, 105.8525),
    venue('CA-PHE-GOC', 'Cà phê Góc Phố', 'cafe', '001', 21.0353, 105.8259),
    venue('CHOT-PHAP-VAN', 'Chốt Pháp Vân', 'checkpoint', '008', 20.9677, 105.8529),
    ...people,
    ...doses,
  ];
}

/** A morning at the market: the seller stays, each guest stays three quarters of an hour. */
function market(day) {
  const guests = Array.from({ length: GUESTS }, (_, n) => [
    scan(guest(n), 'CHO-HOM', day, minute(480 + n), 'in'),
    scan(guest(n), 'CHO-HOM', day, minute(525 + n), 'out'),
  ]);
  return [
    scan(INDEX_CASE, 'CHO-HOM', day, '07:50', 'in'),
    ...guests.flat().sort((a, b) => (a.at < b.at ? -1 : 1)),
    scan(INDEX_CASE, 'CHO-HOM', day, '09:40', 'out'),
  ];
}

/** All events, in the order of their time. The last is at noon of the fifteenth. */
export function story() {
  const early = f0('CA-DAU-TIEN', 6, '09:00', { sampled: at(6, '08:00'), district: '001' });
  const passing = Array.from({ length: PASSERS_BY }, (_, n) =>
    scan(`NGUOI-QUA-${n}`, 'CHOT-PHAP-VAN', 15, minute(471 + Math.floor(n / 5)), 'in'),
  );
  const events = [
    ...registry(),
    early,
    ...market(13),
    ...market(14),
    f0(INDEX_CASE, 14, '18:00', { onset: at(13, '00:00'), isolated_at: at(14, '20:00') }),
    f0(guest(3), 15, '05:00', { sampled: at(14, '20:00'), isolated_at: at(15, '05:30') }),
    f0(guest(4), 15, '05:10', { sampled: at(14, '20:00'), isolated_at: at(15, '05:30') }),
    scan(guest(5), 'CA-PHE-GOC', 15, '06:00', 'in'),
    scan(guest(3), 'CHO-HOM', 15, '11:50', 'in'),
    ...passing,
    scan(INDEX_CASE, 'CA-PHE-GOC', 15, '11:10', 'in'),
    scan(INDEX_CASE, 'CA-PHE-GOC', 15, '11:40', 'out'),
    scan(guest(6), 'CHO-HOM', 15, '12:00', 'in'),
  ];
  return events.sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
}

/** Clusters small enough for a small market. */
export const ALERTS = '[cluster]\ncontacts_min = 10\n';
/** Time stands with the last event, so nothing may count as stopped. */
export const BY_EVENTS = { VONGLAU_CITY__CLOCK: 'events', VONGLAU_CITY__STOPPED_AFTER_S: '3600' };
