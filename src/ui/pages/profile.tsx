import type { Trait } from '../../api/types.js';
import { Evidence } from '../parts/evidence.js';
import { Empty, Shown } from '../parts/shown.js';
import { useLoaded } from '../state.js';
import { texts } from '../texts.js';

const t = texts.profile;
const groups = ['needs_and_personality', 'ai_alignment', 'content_interests'] as const;

export function Profile() {
  const loaded = useLoaded<{ traits: readonly Trait[] }>('/knowledge');
  return (
    <Shown loaded={loaded}>
      {({ traits }) =>
        traits.length === 0 ? (
          <Empty>{t.empty}</Empty>
        ) : (
          groups
            .map((group) => ({ group, members: traits.filter((trait) => trait.group === group) }))
            .filter(({ members }) => members.length > 0)
            .map(({ group, members }) => (
              <section key={group}>
                <h2>{t.groups[group]}</h2>
                <ul class="cards">
                  {members.map((trait) => (
                    <li key={trait.dimension} class="card">
                      <h3>
                        {trait.dimension} <span class="tag">{t.levels[trait.level]}</span>
                      </h3>
                      <p dir="auto">{trait.reason}</p>
                      <Evidence label={t.evidence} pageIds={trait.page_ids} />
                    </li>
                  ))}
                </ul>
              </section>
            ))
        )
      }
    </Shown>
  );
}
