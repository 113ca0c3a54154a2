import { isEnglish } from './reading.js';

/**
 * Beginnings of requests to remember something, in languages whose sentences are not analysed. Each line is
 * one language: remember, always, never, call me.
 */
const openings: readonly string[] = [
  'merk dir|merke dir|merken sie sich|denk daran|denke daran|vergiss nicht|vergiss bitte nicht|erinnere dich|immer|nie|niemals|nenn mich|nenne mich|sprich mich',
  "souviens-toi|souviens toi|souvenez-vous|rappelle-toi|retiens|retenez|n’oublie pas|n'oublie pas|toujours|jamais|ne .{1,30} jamais|appelle-moi|appelez-moi",
  'recuerda|recuerde|acuérdate|acuerdate|no olvides|ten en cuenta|siempre|nunca|jamás|llámame|llamame|llámeme',
  'lembra-te|lembre-se|lembra que|lembre que|não te esqueças|não esqueça|nao esqueca|sempre|nunca|chama-me|me chame|me chama',
  'ricorda|ricordati|si ricordi|non dimenticare|tieni presente|sempre|mai|non .{1,30} mai|chiamami|mi chiami',
  'onthoud|vergeet niet|denk eraan|altijd|nooit|noem me|noem mij',
  'zapamiętaj|pamiętaj|nie zapomnij|zawsze|nigdy|mów mi|nazywaj mnie',
  'kom ihåg|glöm inte|alltid|aldrig|kalla mig',
  'husk|glem ikke|altid|aldrig|kald mig|alltid|kall meg',
  'muista|älä unohda|aina|älä koskaan|kutsu minua',
  'zapamatuj si|pamatuj|nezapomeň|vždy|nikdy|říkej mi',
  'hatırla|unutma|her zaman|asla|bana .{1,30} de',
  'запомни|запомните|помни|не забудь|не забывай|всегда|никогда|называй меня|зови меня',
  "запам’ятай|запам'ятай|пам’ятай|не забудь|завжди|ніколи|називай мене",
  '记住|請記住|请记住|记得|記得|别忘了|永远|总是|一直|以后都|从不|绝不|不要再|叫我|称呼我|請叫我|请叫我',
  '覚えて|覚えておいて|忘れないで|いつも|必ず|絶対に|決して|私を',
  '기억해|잊지 마|항상|언제나|절대|나를',
  'تذكر|تذكّر|لا تنس|دائما|دائمًا|أبدا|نادني|ناديني',
  'याद रखो|याद रखना|मत भूलना|हमेशा|कभी|मुझे',
];

const polite =
  "(?:(?:bitte|s'il te plaît|s'il vous plaît|por favor|per favore|alsjeblieft|proszę|please|пожалуйста|请|請|どうか|من فضلك)[,:]? *)?";
const opening = new RegExp(`^\\s*${polite}(?:${openings.join('|')})`, 'iu');
const charactersMax = 300;

/**
 * The sentence of a non-English text that asks to remember something. Null if there is none, or if it is a
 * question.
 */
export function ownCueIn(text: string): { readonly from: number; readonly to: number } | null {
  let at = 0;
  for (const line of text.split('\n')) {
    for (const sentence of line.match(/[^.!?。！？]+[.!?。！？]*/gu) ?? []) {
      const isAsked = /[?？؟]\s*$/u.test(sentence);
      if (!isAsked && sentence.length <= charactersMax && opening.test(sentence) && !isEnglish(sentence)) {
        return { from: at, to: at + sentence.length };
      }
      at += sentence.length;
    }
    at += 1;
  }
  return null;
}
