import { command, needsNothing } from '../../scripts/command.js';
import { checkOffers } from './offered-facts.js';

command({
  call: 'npm run bench:facts --',
  about:
    'Offers facts as an agent does and counts how many lies are refused and how many honest facts are kept.',
  time: 'seconds.',
  needs: needsNothing,
}).parse();

const { lies, honest } = await checkOffers();
const kinds = [...new Set(lies.map(({ offer }) => offer.kind ?? ''))];
console.log('kind of lie                refused');
for (const kind of kinds) {
  const of = lies.filter(({ offer }) => offer.kind === kind);
  const refused = of.filter(({ fault }) => fault !== null);
  console.log(`${kind.padEnd(26)} ${refused.length} of ${of.length}`);
}
console.log(
  `lies refused               ${lies.filter(({ fault }) => fault !== null).length} of ${lies.length}`,
);
console.log(
  `honest facts kept          ${honest.filter(({ fault }) => fault === null).length} of ${honest.length}`,
);
for (const { offer, fault } of lies)
  if (fault === null) console.log(`  stored: ${JSON.stringify(offer.said)} as ${JSON.stringify(offer.fact)}`);
for (const { offer, fault } of honest)
  if (fault !== null)
    console.log(`  refused (${fault}): ${JSON.stringify(offer.said)} as ${JSON.stringify(offer.fact)}`);
