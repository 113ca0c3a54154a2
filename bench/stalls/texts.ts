const charactersEach = 1024 * 1024;

/** Texts of so many characters each that can make the reading of texts slow: long runs, many marks, only new words. */
export function hostileTexts(characters = charactersEach): Readonly<Record<string, string>> {
  const repeated = (text: string) => text.repeat(Math.ceil(characters / text.length)).slice(0, characters);
  return {
    chinese: repeated('今天天气很好我们去公园散步然后吃了火锅明天再去看电影'),
    japanese: repeated('私は昨日友達と一緒に東京に行きましたそして美味しいラーメンを食べました'),
    thai: repeated('วันนี้อากาศดีมากเราไปเดินเล่นที่สวนสาธารณะแล้วก็กินข้าว'),
    'one character': repeated('中'),
    'one letter': repeated('a'),
    'all different words': allDifferent(characters),
    base64: Buffer.from(allDifferent(characters)).toString('base64').slice(0, characters),
    'minified code': repeated('function(a,b){return a.b+b._c(a1,B)}if(!x){y.zAb("q")}'),
    'combining marks': `a${repeated('\u0301\u0323\u0315').slice(1)}`,
    'joined emoji': repeated('👩\u200d'),
    'one line of talk': repeated('We went to the market on Sunday, and I bought 3 apples for my sister. '),
    'lines of talk': repeated('I live in a small town.\nMy brother works as a baker since 2019!\n\n'),
    punctuation: repeated('?!.,;:-'),
    digits: repeated('0123456789 '),
    quotes: repeated('> "\'`*_#'),
  };
}

function allDifferent(characters: number): string {
  const words: string[] = [];
  for (let i = 0, length = 0; length < characters; i += 1) {
    const word = `w${(i * 7919).toString(36)}`;
    words.push(word);
    length += word.length + 1;
  }
  return words.join(' ').slice(0, characters);
}
