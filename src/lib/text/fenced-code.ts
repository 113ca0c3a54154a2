const fence = '```';

/**
 * Splits a text into prose and the contents of its fenced code blocks. An unclosed block extends to the end.
 */
export function splitCode(text: string): { readonly prose: string; readonly code: string } {
  let from = 0;
  let prose = '';
  let code = '';
  for (let start = text.indexOf(fence); start !== -1; start = text.indexOf(fence, from)) {
    const end = text.indexOf(fence, start + fence.length);
    prose += `${text.slice(from, start)}\n`;
    code += `${text.slice(start + fence.length, end === -1 ? undefined : end)}\n`;
    from = end === -1 ? text.length : end + fence.length;
  }
  return { prose: prose + text.slice(from), code };
}
