/** A person is shown as the end of the pseudonym: as much of it as tells those on one screen apart. */
const SHORTEST_CHARACTERS = 4;

export function shortNames(people: Iterable<string>): Map<string, string> {
  const all = [...new Set(people)];
  const names = new Map<string, string>();
  let rest = all;
  for (let length = SHORTEST_CHARACTERS; rest.length > 0; length += 1) {
    const seen = new Map<string, number>();
    for (const person of all) seen.set(person.slice(-length), (seen.get(person.slice(-length)) ?? 0) + 1);
    const clashing: string[] = [];
    for (const person of rest) {
      const unique = seen.get(person.slice(-length)) === 1 || person.length <= length;
      if (unique) names.set(person, person.slice(-length));
      else clashing.push(person);
    }
    rest = clashing;
  }
  return names;
}

export function shortName(person: string): string {
  return person.slice(-SHORTEST_CHARACTERS);
}
