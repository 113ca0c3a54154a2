import { describe, expect, test } from 'vitest';
import { latinLanguageOfText, tokensOf, words, wordsIn } from '../../../../src/lib/text/words.js';

const shared = (a: string, b: string) => words(a).filter((word) => words(b).includes(word));

describe('words', () => {
  test('English: stems, stop words and possessives', () => {
    expect(words("When did Caroline's mother adopt the puppies?")).toEqual([
      'carolin',
      'mother',
      'adopt',
      'puppi',
    ]);
    expect(shared('the adoption agencies', 'she adopted from an agency')).toEqual(['adopt', 'agenc']);
    expect(words("don't we've it's")).toEqual([]);
  });

  test('numbers, years and the month of May are kept', () => {
    expect(words('7 May 2023')).toEqual(['7', 'may', '2023']);
  });

  test.each([
    [
      'German',
      'Wir haben die Häuser gesehen und sind dann gegangen',
      'Welches Haus haben wir gesehen',
      'haus',
    ],
    [
      'Spanish',
      'Mis hermanas viven en las ciudades de la costa',
      '¿En qué ciudad vive mi hermana?',
      'herman',
    ],
    ['Russian', 'Моя сестра читает книги', 'Какую книгу читает сестра?', 'книг'],
    ['Arabic', 'تَعْمَلُ أُخْتِي في المَدْرَسَة', 'هل المدرسة كبيرة', 'مدرس'],
    ['Arabic with and without hamza', 'أحمد يسكن هنا', 'احمد', 'احمد'],
    ['Hebrew', 'הַיֶּלֶד אכל תפוח', 'מה אכל הילד', 'ילד'],
    ['Chinese', '我妹妹在医院工作', '谁的妹妹是医生', '妹妹'],
    ['Japanese', '妹は東京で働いています', '東京は大きい', '東京'],
    ['Thai', 'น้องสาวทำงานที่โรงพยาบาล', 'โรงพยาบาลอยู่ที่ไหน', 'พยาบาล'],
  ])('%s: another form of the word gives the same term', (_, page, query, term) => {
    expect(shared(page, query)).toContain(term);
  });

  test('a text of several scripts keeps the words of each', () => {
    expect(words('My sister lives in 東京 with Борис')).toEqual(['sister', 'live', '東京', 'борис']);
  });

  test('accents, ligatures and full-width forms are folded', () => {
    expect(words('José ate a ｐｉｚｚａ')).toEqual(words('Jose ate a pizza'));
    expect(words('ﬁne ﬁsh')).toEqual(words('fine fish'));
  });

  test('the language of a text is that of its stop words, English by default', () => {
    expect(latinLanguageOfText('Wann hat meine Schwester Geburtstag?')).toBe('german');
    expect(latinLanguageOfText('Où est-ce que mon frère habite ?')).toBe('french');
    expect(latinLanguageOfText('Berlin Toyota 2023')).toBe('english');
    expect(wordsIn('Häuser', 'german')).toEqual(['haus']);
  });

  test('text without words gives no terms', () => {
    expect(words('')).toEqual([]);
    expect(words(' \t\n…!? 👍🏽 — \ud800')).toEqual([]);
    expect(words('__proto__ constructor')).toEqual(['proto', 'constructor']);
    expect(words('x'.repeat(1000))).toEqual(['x'.repeat(64)]);
  });

  test('tokens keep every word as it was said', () => {
    expect(tokensOf("It's THE end")).toEqual(["it's", 'the', 'end']);
  });
});
