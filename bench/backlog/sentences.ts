const people = ['Mara', 'Ivo', 'Selin', 'Odd', 'Petra', 'Kwame', 'Lucia', 'Tom'];
const doings = ['planted', 'repaired', 'painted', 'sold', 'borrowed', 'photographed', 'cleaned', 'described'];
const things = [
  'an apple tree',
  'the gearbox',
  'a blue door',
  'her bicycle',
  'two kayaks',
  'the old mill',
  'a cello',
];
const places = [
  'in the garden',
  'at the harbour',
  'near the station',
  'in Trieste',
  'on the island',
  'at work',
];

/** A different sentence for each number. */
export function sentence(index: number): string {
  const of = (list: readonly string[], by: number) => list[Math.floor(index / by) % list.length] ?? '';
  return `${of(people, 1)} ${of(doings, 3)} ${of(things, 5)} ${of(places, 11)} on day ${index}.`;
}
