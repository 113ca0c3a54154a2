import { describe, expect, it } from 'vitest';
import { evidenceOf, numbersOf, supportOf } from '../../../../src/analysis/checks/evidence.js';

describe('support by the words of a page', () => {
  it.each([
    ['User lives in Berlin.', "I've just moved to Berlin!"],
    [
      'User is a vegetarian and allergic to peanuts.',
      'No meat for me, I am vegetarian. And allergic to peanuts.',
    ],
    ["User's daughter Mia plays the piano.", 'My girl Mia played piano at school today'],
    ['Nutzer wohnt in Berlin.', 'Ich bin nach Berlin gezogen.'],
    ['El usuario tiene dos perros.', 'Tengo dos perros, se llaman Luna y Sol.'],
    ['用户住在柏林。', '我上个月搬到柏林了。'],
    ['ユーザーは犬を飼っている。', '犬を飼い始めました。'],
    ['المستخدم يعيش في برلين.', 'انتقلت إلى برلين الشهر الماضي'],
    ['사용자는 강아지를 키운다.', '강아지가 생겼어요.'],
    ['Пользователь любит играть на гитаре.', 'Я играю на гитаре каждый день'],
    ['המשתמש גר בברלין.', 'עברתי לגור בברלין'],
  ])('%s', (fact, said) => {
    expect(supportOf(fact, evidenceOf([said]))).toBeGreaterThanOrEqual(0.5);
  });

  it.each([
    ['User owns a zeppelin hangar near Ulaanbaatar.', 'I love hiking in the Grunewald forest.'],
    ['User likes it.', 'I like it.'],
    ['用户有三只猫。', '我上个月搬到柏林了。'],
    ['المستخدم لديه قطة.', 'انتقلت إلى برلين الشهر الماضي'],
    ['', 'anything'],
  ])('not: %s', (fact, said) => {
    expect(supportOf(fact, evidenceOf([said]))).toBeLessThan(0.5);
  });

  it('finds numbers of at least two digits, however they are written', () => {
    expect(numbersOf('40,000 euros, 1.500 km, 7 cats, in 2023, ２０')).toEqual([
      '40000',
      '1500',
      '2023',
      '20',
    ]);
  });
});
