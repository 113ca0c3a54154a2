import type { Language } from './languages.js';

const list = (text: string): readonly string[] => text.split(/\s+/u).filter((word) => word !== '');

/**
 * Stop words for languages without a list in a bundled library, or whose list contains meaningful words
 * ("visit" in Arabic, "year" in Chinese). In normalised form.
 */
export const ownStopWords: Readonly<Partial<Record<Language, readonly string[]>>> = {
  english: list(
    "a also just now there's ain't y'all gonna wanna gotta oh ok okay yeah yes hey hi hello hmm wow lol s t d ll re ve m us shan don",
  ),
  german: list('dass wann wer wen wem wessen wohin woher warum wieso wieviel hast hattest habt ja nein'),
  ukrainian: list(
    'і в у на не з за до що як це та але або де коли хто чому я мене мій моя мої ти твій твоя він його вона її ми вони був була було були є від про для так ні',
  ),
  russian: list('это мне мой моя моё мои твой твоя где кто что когда какой какая какие'),
  arabic: list(
    'في من على الى عن مع هذا هذه ذلك تلك التي الذي الذين ان انا انت هو هي هم نحن كان كانت يكون ما ماذا متي اين كيف لماذا هل لا لم لن قد او و ف ب ل ثم كل بعد قبل عند لي لك له لها يا ايضا',
  ),
  hebrew: list(
    'של את על אל אם או גם כי לא כן זה זאת זו הוא היא הם הן אני אתה אנחנו מה מי מתי איפה איך למה האם עם היה היתה הייתה היו יש אין לי לך לו לה שלי שלך שלו שלה כל רק אבל עוד כבר',
  ),
  chinese: list(
    '的 了 是 我 你 您 他 她 它 我们 你们 他们 她们 在 和 与 也 都 就 不 吗 呢 吧 啊 呀 哦 嗯 有 这 那 这个 那个 个 着 过 得 地 把 被 给 对 从 到 很 还 什么 怎么 哪 哪里 哪个 谁 为什么 什么时候 几 没 没有 又 再 要 会 能 可以 的話 了吗 說 说 嗎 我們 你們 他們 這 個 這個 那個 還 沒 沒有 會 從 對 什麼 怎麼 哪裡 誰 為什麼',
  ),
  japanese: list(
    'は が を に で と も の へ や か ね よ な から まで より です ます でした ました ません だ た て し い る れ られ せ さ ん う お ご 私 僕 俺 あなた 何 どこ 誰 いつ どう なぜ どんな',
  ),
  thai: list(
    'ที่ และ ของ ใน เป็น มี ได้ ไป มา ไม่ ให้ กับ จะ ว่า ก็ นี้ นั้น ครับ ค่ะ คะ นะ ผม ฉัน คุณ เขา เธอ เรา อะไร ไหน เมื่อไหร่ เมื่อไร ใคร ทำไม อย่างไร ยังไง หรือ แล้ว อยู่ แต่ ไหม จาก',
  ),
};
