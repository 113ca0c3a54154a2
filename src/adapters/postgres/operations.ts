import { blankChanges, type LoggedChange, logChange } from '../../model/change-log.js';
import type { Operation } from '../../model/operation.js';
import { projectOf } from '../../model/page.js';
import { traitKey } from '../../model/profile.js';
import type { PageTerms, ReadPageTerms } from '../../ports/memory-index.js';
import { ownerKey, plainText } from './slices.js';

type Row = Readonly<Record<string, unknown>>;

/** Whether applying these operations requires the log of changes. */
export function changesLog(operations: readonly Operation[]): boolean {
  return operations.some(({ op }) => op === 'change_logged' || op === 'changes_blanked');
}

/**
 * Operations in the form that `apply_operations` takes. `changes`: the log of changes, if an operation needs
 * it.
 */
export function rowsOf(
  operations: readonly Operation[],
  changes: readonly LoggedChange[],
  readTerms: ReadPageTerms,
): Row[] {
  const log = [...changes];
  const rows = operations.flatMap((operation): Row[] => {
    switch (operation.op) {
      case 'page_added': {
        const { page, segment_id } = operation;
        const { id, timestamp, chain_id, meta_info, analysed, read = false, noted = false } = page;
        return [
          {
            op: 'page_added',
            id,
            segment_id,
            at_ms: Date.parse(timestamp),
            said_at: timestamp,
            page: JSON.stringify(page),
            chain_id,
            meta_info: JSON.stringify(meta_info),
            analysed,
            read,
            noted,
            characters: page.user_input.length + page.agent_response.length,
            user_lower: plainText(page.user_input.toLowerCase()),
            agent_lower: plainText(page.agent_response.toLowerCase()),
            project: nullable(projectOf(page)),
            ...indexRow(readTerms(page)),
          },
        ];
      }
      case 'page_migrated':
      case 'page_summarised':
        return [{ ...operation, meta_info: JSON.stringify(operation.meta_info) }];
      case 'segment_put': {
        const { id, n_visit, last_visit_at } = operation.head;
        return [{ op: 'segment_put', id, head: JSON.stringify(operation.head), n_visit, last_visit_at }];
      }
      case 'trait_put': {
        const { trait } = operation;
        return [{ op: 'trait_put', name: traitKey(trait), trait: JSON.stringify(trait) }];
      }
      case 'trait_removed':
        return [{ op: 'trait_removed', name: traitKey(operation) }];
      case 'fact_put': {
        const { fact } = operation;
        return [
          { op: 'fact_put', owner: ownerKey(fact.assistant_id), id: fact.id, fact: JSON.stringify(fact) },
        ];
      }
      case 'fact_removed': {
        const { fact_id: id, assistant_id, reason } = operation;
        return [{ op: 'fact_removed', owner: ownerKey(assistant_id), id, reason }];
      }
      case 'change_logged':
        logChange(log, operation.change);
        return [];
      case 'changes_blanked':
        blankChanges(log, new Set(operation.fact_ids));
        return [];
      case 'analysis_failed': {
        const { trouble } = operation;
        return [{ op: 'analysis_failed', job: plainText(trouble.job), trouble: JSON.stringify(trouble) }];
      }
      case 'analysis_recovered':
        return [{ op: 'analysis_recovered', job: plainText(operation.job) }];
      case 'loss_noted':
        return [{ op: 'loss_noted', loss: JSON.stringify(operation.loss) }];
      default:
        return [operation];
    }
  });
  return changesLog(operations) ? [...rows, { op: 'changes_set', changes: JSON.stringify(log) }] : rows;
}

function nullable(text: string | null): string | null {
  return text === null ? null : plainText(text);
}

/** The search data of a page: its terms, with their counts and the sides that say them. */
function indexRow({ language, namesTime, ...terms }: PageTerms): Row {
  const [user, agent, beside] = [terms.user, terms.agent, terms.beside].map((list) => list.map(plainText));
  const postings = new Map<string, { count: number; byUser: boolean; byAgent: boolean }>();
  const count = (list: readonly string[] = [], side: 'byUser' | 'byAgent') => {
    for (const term of list) {
      const posting = postings.get(term) ?? { count: 0, byUser: false, byAgent: false };
      posting.count += 1;
      posting[side] = true;
      postings.set(term, posting);
    }
  };
  count(user, 'byUser');
  count(agent, 'byAgent');
  for (const term of beside ?? []) {
    if (!postings.has(term)) postings.set(term, { count: 1, byUser: false, byAgent: false });
  }
  return {
    language,
    names_time: namesTime,
    user_terms: user,
    agent_terms: agent,
    beside_terms: beside,
    postings: [...postings].map(([term, { count: times, byUser, byAgent }]) => [
      term,
      times,
      byUser,
      byAgent,
    ]),
  };
}
