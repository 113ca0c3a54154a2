import net from 'node:net';

/** What a door answers to a request. */
export async function answerOf(address: string, request: object): Promise<string> {
  const socket = net.connect(address);
  socket.end(`${JSON.stringify(request)}\n`);
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}
