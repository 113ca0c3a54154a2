import net from 'node:net';

/** The answer of a server to a request at its hook socket. */
export async function answerOf(address: string, request: object): Promise<string> {
  const socket = net.connect(address);
  socket.end(`${JSON.stringify(request)}\n`);
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}
