import { latinLanguageOfText, wordsIn } from '../../lib/text/words.js';
import type { Page } from '../../model/page.js';
import { asData } from '../../prompts/conversation.js';

type Language = ReturnType<typeof latinLanguageOfText>;

/** The words of texts, to compare a sentence with them. */
export interface Evidence {
  readonly language: Language;
  readonly words: ReadonlySet<string>;
  /** Lower-cased, for scripts without spaces. */
  readonly text: string;
  readonly numbers: ReadonlySet<string>;
  /** The words by their first letters, to find inflections. */
  readonly byBeginning: ReadonlyMap<string, readonly string[]>;
}

/** Both sides of a page, as far as a model was shown them. */
export function saidIn(page: Page): string[] {
  return [asData(page.user_input), asData(page.agent_response)];
}

/**
 * Words of note-taking: who speaks, and verbs that only say that something is the case. They count neither
 * for nor against a sentence.
 */
const noteWords =
  'user assistant agent person speaker people someone says said say states stated mentions mentioned mention ' +
  'tells told talks talked asks asked describes described discusses discussed shares shared expresses ' +
  'has have had is was were are live lives lived work works worked name named called like likes love loves ' +
  'enjoy enjoys prefer prefers own owns plan plans planned want wants wanted wish wishes interest interests ' +
  'interested currently recently recommended recommends recommend suggested suggests suggest promised promises ' +
  'resides reside employed call years year old aged age longer anymore adopted ' +
  'promise offered offers provided provides explained explains shows showed ' +
  'usuario asistente utilisateur utilisatrice assistante nutzer nutzerin benutzer assistent utente assistente ' +
  'usuário gebruiker användare kullanıcı asistan użytkownik asystent käyttäjä ' +
  'пользователь пользователя ассистент 用户 用戶 助手 助理 ユーザー アシスタント 사용자 사용자는 사용자의 ' +
  'المستخدم مستخدم المساعد משתמש המשתמש העוזר ผู้ใช้ ผู้ช่วย';

const noteStems = new Map<Language, ReadonlySet<string>>();
const unspaced =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+$/u;
const hangul = /^\p{Script=Hangul}+$/u;

export function evidenceOf(texts: readonly string[]): Evidence {
  const text = texts.join('\n');
  const language = latinLanguageOfText(text);
  const lower = text.normalize('NFKC').toLowerCase();
  const words = new Set(wordsIn(text, language));
  const byBeginning = new Map<string, string[]>();
  for (const word of words) {
    const alike = byBeginning.get(beginningOf(word));
    if (alike === undefined) byBeginning.set(beginningOf(word), [word]);
    else alike.push(word);
  }
  return { language, words, text: lower, numbers: new Set(numbersOf(text)), byBeginning };
}

/** The informative words of a sentence, in the evidence's language. */
export function contentWords(sentence: string, evidence: Evidence): string[] {
  const empty = noteStemsIn(evidence.language);
  return [...new Set(wordsIn(sentence, evidence.language))].filter((word) => !empty.has(word));
}

/** Those of them that the evidence contains. */
export function foundWords(sentence: string, evidence: Evidence): string[] {
  return contentWords(sentence, evidence).filter((word) => has(evidence, word));
}

/** Share of the sentence's content words that the evidence contains; 0 when it has none. */
export function supportOf(sentence: string, evidence: Evidence): number {
  const said = contentWords(sentence, evidence);
  return said.length === 0 ? 0 : foundWords(sentence, evidence).length / said.length;
}

/** Numbers of at least two digits. Small numbers are often written as words. */
export function numbersOf(text: string): string[] {
  return (text.normalize('NFKC').match(/\d+(?:[.,]\d{3})*/g) ?? [])
    .map((number) => number.replace(/[.,]/g, '').replace(/^0+(?=\d)/, ''))
    .filter((number) => number.length > 1);
}

/**
 * Whether the evidence contains the word, an inflection (a long common beginning), or, in scripts without
 * spaces, the text.
 */
function has(evidence: Evidence, word: string): boolean {
  if (evidence.words.has(word)) return true;
  if (unspaced.test(word)) return evidence.text.includes(word);
  const beginning = beginningOf(word);
  const shared = beginning.length;
  if (shared < (hangul.test(word) ? 2 : 5)) return false;
  return (evidence.byBeginning.get(beginning) ?? []).some((known) => {
    const common = Math.max(shared, Math.ceil(Math.min(known.length, word.length) * 0.7));
    return known.startsWith(word.slice(0, common));
  });
}

/**
 * The beginning that two inflections of a word must share; shorter for Korean, whose syllables contain
 * several letters.
 */
function beginningOf(word: string): string {
  return word.slice(0, hangul.test(word) ? 2 : 5);
}

function noteStemsIn(language: Language): ReadonlySet<string> {
  let stems = noteStems.get(language);
  if (stems === undefined) {
    stems = new Set(noteWords.split(' ').flatMap((word) => wordsIn(word, language)));
    noteStems.set(language, stems);
  }
  return stems;
}
