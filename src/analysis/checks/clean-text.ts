/** Why a model's sentence is not worth storing. */
export type TextFault =
  | 'empty'
  | 'nothing'
  | 'heading'
  | 'refusal'
  | 'error_text'
  | 'instruction'
  | 'too_long';

const nothing =
  /^(none|null|undefined|nil|n\/?a|nothing|unknown|empty|not (applicable|available|mentioned|specified|provided)|no (new |relevant |specific |private |personal )*(information|info|facts?|data|knowledge|traits?|changes?|details)( (was |were )?(found|available|provided|mentioned|given))?|ninguno|ninguna|nada|keine?|nichts|aucune?|rien|nessuno|nulla|nenhum|geen|inget|нет|ничего|无|沒有|没有|なし|없음|لا شيء|אין)$/iu;
const refusal =
  /^(i['’]?m|i am) (very |so |really )?(sorry|unable|not able)|^(sorry|apologies)\b|^(i (can(no|['’])t|cannot|won['’]t)) (assist|help|provide|comply|answer|fulfill|do)|\bas an (ai|artificial intelligence)( language)? (model|assistant)|^(抱歉|对不起|很抱歉|對不起|申し訳|すみません|죄송)|^(es tut mir leid|lo siento|désolée?|mi dispiace|desculpe|извините|простите)\b/iu;
const errorText =
  /^["'([]?(fatal |internal |unknown |server |api |http )?(error|exception|traceback|failure)\b\s*[:\d(-]|could not get (a )?response|internal server error|(rate limit|quota)\b.{0,30}\b(reached|exceeded)|service (is )?(temporarily )?unavailable|bad gateway|(request|connection) (has )?(timed out|was aborted)|status code \d{3}|please try again (later|in a)/iu;
const instruction =
  /\b(ignore|disregard|forget)\b.{0,40}\b(previous|prior|above|all|your|these)\b.{0,30}\b(instructions?|prompts?|rules?|messages?)|\bsystem prompt\b|\byou (must|are) now\b/iu;

/** The sentence without surrounding bullets, quotes and white space. */
export function plainSentence(text: string): string {
  return text
    .toWellFormed()
    .replace(/\s+/g, ' ')
    .replace(/\p{Cc}+/gu, '')
    .replace(/^\s*(?:[-*•‣▪–—]+|\d{1,2}[.)])(?:\s+|$)/u, '')
    .replace(/\*\*|__/g, '')
    .trim();
}

/**
 * What is wrong with a sentence by its form; null when nothing is. A conversation may be about `error_text`
 * and `instruction`, so compare those with the pages before refusing them.
 */
export function textFault(sentence: string, charactersMax: number): TextFault | null {
  const bare = sentence.replace(/^[\s\p{P}\p{S}]+|[\s\p{P}\p{S}]+$/gu, '');
  if (bare === '') return 'empty';
  if (nothing.test(bare)) return 'nothing';
  if (/^(#{1,6}\s|【[^】]*】$|\[[^\]]*\]$|={3,}|-{3,})/u.test(sentence)) return 'heading';
  if (/[:：]$/u.test(sentence)) return 'heading';
  if (refusal.test(bare)) return 'refusal';
  if (errorText.test(sentence)) return 'error_text';
  if (instruction.test(sentence)) return 'instruction';
  return sentence.length > charactersMax ? 'too_long' : null;
}
