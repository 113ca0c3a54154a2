const askingWhen =
  /^\W*(?:when|how long|since when|what (?:date|day|month|year|time)|which (?:day|month|year))\b/i;
const namingTime =
  /\b(?:yesterday|today|tonight|tomorrow|last|next|ago|days?|weeks?|weekends?|months?|years?|recently|since|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|june|july|august|september|october|november|december)\b|\d{4}|\d[/.年月]\d/i;

/** Whether a question asks for a time. English only; other languages do not use this signal. */
export function asksWhen(text: string): boolean {
  return askingWhen.test(text);
}

/** Whether a page says when something happened or will happen. */
export function namesTime(text: string): boolean {
  return namingTime.test(text);
}
