/**
 * Whether digits, in one run or grouped as on a card, form a payment card number: by length, issuer and check
 * digit.
 */
export function isCardNumber(written: string): boolean {
  if (!/^(?:\d+|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{5})$/.test(written)) return false;
  const digits = written.replace(/\D/g, '');
  return hasIssuer(digits) && !/^(\d)\1+$/.test(digits) && checkSum(digits) % 10 === 0;
}

/** Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay. */
function hasIssuer(digits: string): boolean {
  switch (digits.length) {
    case 14:
      return /^3[0689]/.test(digits);
    case 15:
      return /^3[47]/.test(digits);
    case 16:
      return /^(?:4|5[1-5]|2[2-7]|6(?:011|4|5|2)|35)/.test(digits);
    case 13:
    case 19:
      return /^(?:4|62)/.test(digits);
    default:
      return false;
  }
}

/** The check sum of Luhn's algorithm. */
function checkSum(digits: string): number {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits.charAt(digits.length - 1 - i));
    sum += i % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit;
  }
  return sum;
}
