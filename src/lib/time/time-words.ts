import type { Language } from '../text/languages.js';
import { numbers } from './named-times.js';

/**
 * Words for times that `Intl` does not provide. `Intl` provides the names of days, months and units, and
 * "yesterday", "last week", "3 days ago". Each entry is the source of a regular expression.
 */
export interface TimeWords {
  readonly locale: string;
  /** "last" in "the last three days", in all its forms. */
  readonly last?: string;
  readonly since?: string;
  /** The word before a month without a day. */
  readonly inMonth?: string;
  /** "and" and "to" between the ends of a range. */
  readonly to?: string;
  /** "recently". */
  readonly recently?: string;
  /** 1 to 10, then "a few". */
  readonly numbers?: readonly string[];
  /** Further words for times that `Intl` names in one way, as an offset in days, weeks, months or years. */
  readonly also?: readonly (readonly [
    source: string,
    unit: 'day' | 'week' | 'month' | 'year',
    offset: number,
  ])[];
  /** Words that only ask and say nothing about the subject: "what did we talk about". */
  readonly asking?: string;
}

export const timeWords: Readonly<Record<Language, TimeWords>> = {
  english: {
    locale: 'en',
    last: 'last|past|previous',
    since: 'since|after',
    to: 'and|to|until|till|through',
    recently: 'recently|lately|these days|the other day',
    numbers: ['an?|one', ...numbers.slice(2, 11), 'few|couple of'],
    asking:
      'talk\\w*|discuss\\w*|spoke|speak\\w*|chat\\w*|conversations?|convo|topics?|subjects?|said|say|told|tell|mention\\w*|happen\\w*|did|do|done|been|up to|cover\\w*|go over|went over|come up|came up|things?|summar\\w+|recap|remind|show|list|everything|anything|memory|exchanges?|day|date|time',
  },
  german: {
    locale: 'de',
    last: 'letzte[nrms]?|vergangene[nrms]?|vorige[nrms]?',
    since: 'seit',
    inMonth: 'im|in|seit|anfang|ende|mitte|letzten',
    to: 'und|bis',
    recently: 'kürzlich|neulich|letztens|zuletzt|in letzter zeit',
    numbers: [
      'eine?[nmr]?',
      'zwei',
      'drei',
      'vier',
      'fünf',
      'sechs',
      'sieben',
      'acht',
      'neun',
      'zehn',
      'paar|einigen',
    ],
    asking:
      'sprachen|gesprochen|geredet|redeten|besprochen|besprachen|diskutiert|unterhalten|gesagt|sagte|erzählt|passiert|gemacht|themen?|los|worüber|wovon',
  },
  spanish: {
    locale: 'es',
    last: 'últim[oa]s?|pasad[oa]s?',
    since: 'desde',
    inMonth: 'en|de|desde',
    to: 'y|a|al|hasta',
    recently: 'recientemente|últimamente|hace poco',
    numbers: [
      'una?|uno',
      'dos',
      'tres',
      'cuatro',
      'cinco',
      'seis',
      'siete',
      'ocho',
      'nueve',
      'diez',
      'pocos|unos',
    ],
    asking:
      'hablamos|hablado|hablar|conversamos|discutimos|dije|dijiste|dicho|conté|pasó|hice|hicimos|hecho|temas?',
  },
  french: {
    locale: 'fr',
    last: 'derni[eè]re?s?|passée?s?',
    since: 'depuis',
    inMonth: "en|au|de|d'|depuis|mois de",
    to: 'et|au|à|jusqu.?à',
    recently: 'récemment|dernièrement|ces derniers temps',
    numbers: ['une?', 'deux', 'trois', 'quatre', 'cinq', 'six', 'sept', 'huit', 'neuf', 'dix', 'quelques'],
    asking: 'parlé|parlions|discuté|dit|raconté|passé|fait|sujets?|avons|quoi',
  },
  italian: {
    locale: 'it',
    last: 'ultim[oaie]|scors[oaie]|passat[oaie]',
    since: 'da|dal',
    inMonth: 'in|a|ad|di|da',
    to: 'e|a|al',
    recently: 'recentemente|ultimamente|di recente',
    numbers: [
      'una?|uno',
      'due',
      'tre',
      'quattro',
      'cinque',
      'sei',
      'sette',
      'otto',
      'nove',
      'dieci',
      'pochi',
    ],
    asking: 'parlato|parlavamo|discusso|detto|raccontato|successo|fatto|argomenti?',
  },
  portuguese: {
    locale: 'pt',
    last: 'últim[oa]s?|passad[oa]s?',
    since: 'desde',
    inMonth: 'em|de|desde',
    to: 'e|a|até',
    recently: 'recentemente|ultimamente',
    numbers: [
      'uma?',
      'dois|duas',
      'três',
      'quatro',
      'cinco',
      'seis',
      'sete',
      'oito',
      'nove',
      'dez',
      'poucos|alguns',
    ],
    asking: 'falamos|falado|conversamos|discutimos|disse|dito|contei|aconteceu|fiz|fizemos|feito|assuntos?',
  },
  dutch: {
    locale: 'nl',
    last: 'laatste|afgelopen|vorige',
    since: 'sinds',
    inMonth: 'in|sinds|begin|eind',
    to: 'en|tot',
    recently: 'onlangs|recent|laatst',
    numbers: ['een|één', 'twee', 'drie', 'vier', 'vijf', 'zes', 'zeven', 'acht', 'negen', 'tien', 'paar'],
    asking: 'gesproken|spraken|gepraat|praatten|besproken|gezegd|verteld|gebeurd|gedaan|onderwerpen|waarover',
  },
  turkish: { locale: 'tr' },
  swedish: { locale: 'sv' },
  norwegian: { locale: 'nb' },
  danish: { locale: 'da' },
  finnish: { locale: 'fi' },
  romanian: { locale: 'ro' },
  hungarian: { locale: 'hu' },
  russian: {
    locale: 'ru',
    last: 'последн\\p{L}+|прошл\\p{L}+|прошедш\\p{L}+',
    since: 'с|со',
    inMonth: 'в|с|за',
    to: 'и|по|до',
    recently: 'недавно|в последнее время',
    numbers: [
      'один|одну|одна',
      'дв[ае]',
      'три',
      'четыре',
      'пять',
      'шесть',
      'семь',
      'восемь',
      'девять',
      'десять',
      'несколько',
    ],
    asking:
      'говорили|говорил[аи]?|обсуждали|беседовали|болтали|сказал[аи]?|рассказывал[аи]?|случилось|делал[аи]?|тем[ауы]?',
  },
  ukrainian: { locale: 'uk' },
  greek: { locale: 'el' },
  arabic: {
    locale: 'ar',
    last: 'آخر|الماضي[ةن]?|الأخيرة',
    since: 'منذ',
    inMonth: 'في|شهر|منذ',
    to: 'و|إلى|حتى',
    recently: 'مؤخرا|مؤخرًا|حديثا',
    numbers: [
      'واحد|واحدة',
      'اثنين|اثنان',
      'ثلاثة?',
      'أربعة?',
      'خمسة?',
      'ستة?',
      'سبعة?',
      'ثمانية?',
      'تسعة?',
      'عشرة?',
      'بضعة',
    ],
    asking: 'تحدثنا|تكلمنا|ناقشنا|قلت|حدث|فعلت|فعلنا|عن ماذا|موضوع|مواضيع',
  },
  hebrew: {
    locale: 'he',
    last: 'האחרונים|האחרונות|שעבר|שעברה',
    since: 'מאז|מ',
    inMonth: 'בחודש|ב',
    to: 'עד',
    recently: 'לאחרונה|בזמן האחרון',
    numbers: [
      'אחד|אחת',
      'שניים|שתיים|שני|שתי',
      'שלוש[הת]?',
      'ארבע[הת]?',
      'חמש[הת]?|חמישה',
      'שש[הת]?|שישה',
      'שבע[הת]?',
      'שמונה',
      'תשע[הת]?',
      'עשר[הת]?',
      'כמה',
    ],
    asking: 'דיברנו|דברנו|שוחחנו|אמרתי|סיפרתי|קרה|עשיתי|עשינו|נושאים',
  },
  chinese: {
    locale: 'zh',
    last: '过去|最近|近|前|過去',
    since: '自从|从|自',
    to: '到|至',
    recently: '最近|近来|近來',
    numbers: ['一', '[二两兩]', '三', '四', '五', '六', '七', '八', '九', '十', '几|幾'],
    also: [
      ['上(?:个|個)?(?:星期|礼拜|禮拜|周|週)', 'week', -1],
      ['这(?:个|個)?(?:星期|礼拜|周)|本周', 'week', 0],
      ['上(?:个|個)?月', 'month', -1],
      ['去年', 'year', -1],
      ['大前天', 'day', -3],
    ],
    asking: '聊|谈|讨论|讲|提到|发生|做|说|談|討論|話題|话题|内容|事情|事',
  },
  japanese: {
    locale: 'ja',
    last: '過去|ここ|この|最近|直近',
    since: 'から|以来|以降',
    to: 'から|と|～',
    recently: '最近|この頃|近頃|先日',
    numbers: ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十', '数'],
    also: [
      ['おととい', 'day', -2],
      ['きのう', 'day', -1],
      ['きょう', 'day', 0],
      ['去年', 'year', -1],
    ],
    asking: '話し?|話題|相談|言|会話|あ[っり]|こと|起き|起こ|議論',
  },
  thai: {
    locale: 'th',
    last: 'ที่ผ่านมา|ที่แล้ว|ก่อน|ล่าสุด',
    since: 'ตั้งแต่',
    inMonth: 'เดือน|ใน',
    to: 'ถึง|และ',
    recently: 'เมื่อเร็ว ?ๆ ?นี้|เร็ว ?ๆ ?นี้|ช่วงนี้|หมู่นี้',
    numbers: ['หนึ่ง', 'สอง', 'สาม', 'สี่', 'ห้า', 'หก', 'เจ็ด', 'แปด', 'เก้า', 'สิบ', 'ไม่กี่'],
    also: [
      ['(?:อาทิตย์|สัปดาห์)(?:ที่แล้ว|ก่อน|ที่ผ่านมา)', 'week', -1],
      ['เดือน(?:ที่แล้ว|ก่อน|ที่ผ่านมา)', 'month', -1],
      ['ปี(?:ที่แล้ว|ก่อน)', 'year', -1],
      ['เมื่อวาน(?:นี้)?', 'day', -1],
    ],
    asking: 'คุย|พูด|เรื่อง|เกิดขึ้น|ทำ|บอก|สนทนา|กัน',
  },
};
