import { describe, expect, it } from 'vitest';
import type { Language } from '../../../../src/lib/text/languages.js';
import { timesAsked, withoutAsking } from '../../../../src/lib/time/times-asked.js';

/** A Wednesday. */
const nowMs = Date.UTC(2027, 5, 16, 15, 30);
const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

function spans(text: string, ...languages: Language[]): string[] {
  return timesAsked(text, nowMs, languages).map(({ startMs, endMs }) => `${dayOf(startMs)} ${dayOf(endMs)}`);
}

describe('times a question names', () => {
  it.each<[Language, string, string]>([
    ['english', 'What did we say on March 9th?', '2027-03-09 2027-03-09'],
    ['english', 'what happened on 9 March 2025', '2025-03-09 2025-03-09'],
    ['english', 'in the last three days', '2027-06-13 2027-06-16'],
    ['english', 'everything since Monday', '2027-06-14 2027-06-16'],
    ['english', 'what was new over the past week', '2027-06-09 2027-06-16'],
    ['english', 'between May 3 and May 9', '2027-05-03 2027-05-09'],
    ['english', 'from 3 June to 5 June', '2027-06-03 2027-06-05'],
    ['english', 'what did I buy in April', '2027-04-01 2027-04-30'],
    ['english', 'on the 27th', '2027-05-27 2027-05-27'],
    ['english', 'recently', '2027-06-02 2027-06-16'],
    ['english', 'What did we watch on 09.03.2025?', '2025-03-09 2025-03-09'],
    ['german', 'Worüber sprachen wir gestern?', '2027-06-15 2027-06-15'],
    ['german', 'letzte Woche', '2027-06-07 2027-06-13'],
    ['german', 'am 9. März', '2027-03-09 2027-03-09'],
    ['german', 'in den letzten drei Tagen', '2027-06-13 2027-06-16'],
    ['german', 'vor einer Woche', '2027-06-07 2027-06-13'],
    ['german', 'seit Montag', '2027-06-14 2027-06-16'],
    ['german', 'am 9.3.2025', '2025-03-09 2025-03-09'],
    ['spanish', '¿De qué hablamos ayer?', '2027-06-15 2027-06-15'],
    ['spanish', 'hace tres días', '2027-06-13 2027-06-13'],
    ['spanish', 'el 9 de marzo', '2027-03-09 2027-03-09'],
    ['french', 'la semaine dernière', '2027-06-07 2027-06-13'],
    ['french', 'ces trois derniers jours', '2027-06-13 2027-06-16'],
    ['french', 'avant-hier', '2027-06-14 2027-06-14'],
    ['russian', 'О чём мы говорили вчера?', '2027-06-15 2027-06-15'],
    ['russian', 'неделю назад', '2027-06-07 2027-06-13'],
    ['russian', '9 марта', '2027-03-09 2027-03-09'],
    ['russian', 'в апреле', '2027-04-01 2027-04-30'],
    ['chinese', '我们昨天谈了什么?', '2027-06-15 2027-06-15'],
    ['chinese', '上周一', '2027-06-07 2027-06-07'],
    ['chinese', '三天前', '2027-06-13 2027-06-13'],
    ['chinese', '3月9日', '2027-03-09 2027-03-09'],
    ['japanese', '先週', '2027-06-07 2027-06-13'],
    ['japanese', '一昨日', '2027-06-14 2027-06-14'],
    ['japanese', '先週の月曜日', '2027-06-07 2027-06-07'],
    ['thai', 'เมื่อวานเราคุยอะไรกัน', '2027-06-15 2027-06-15'],
    ['arabic', 'عن ماذا تحدثنا أمس؟', '2027-06-15 2027-06-15'],
    ['arabic', 'الأسبوع الماضي', '2027-06-07 2027-06-13'],
    ['hebrew', 'על מה דיברנו אתמול?', '2027-06-15 2027-06-15'],
    ['hebrew', 'בשבוע שעבר', '2027-06-07 2027-06-13'],
  ])('%s: %s', (language, text, expected) => {
    expect(spans(text, language)).toEqual([expected]);
  });

  it.each(['I may go in a second', 'she sat down', 'the march was long', 'version 2.3.4', 'call 555 1234'])(
    'none in "%s"',
    (text) => {
      expect(spans(text, 'english')).toEqual([]);
    },
  );

  it('reports whether a day has no year', () => {
    const yearless = (text: string) => timesAsked(text, nowMs, ['english']).map((time) => time.yearless);
    expect(yearless('on March 9th')).toEqual([true]);
    expect(yearless('on March 9th, 2025')).toEqual([false]);
    expect(yearless('last March')).toEqual([false]);
    expect(yearless('yesterday')).toEqual([false]);
  });

  it('reduces a question about a time to its subject', () => {
    expect(withoutAsking('What did we talk about?', 'english').replace(/\W/g, '')).toBe('Whatweabout');
    expect(withoutAsking('What did we say about the boiler?', 'english')).toContain('boiler');
  });
});
