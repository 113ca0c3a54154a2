import { connect, type Socket } from 'node:net';

export interface RawConnection {
  readonly socket: Socket;
  /** Everything the server has sent. */
  readonly received: () => string;
  write(text: string): void;
  /** Resolves to everything that was received, when the server closes the connection. */
  readonly closed: Promise<string>;
}

/** A raw connection, so that a test can write bytes that no HTTP client would. */
export async function rawConnection(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: false });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  let text = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
  });
  socket.on('error', () => undefined);
  return {
    socket,
    received: () => text,
    write: (part) => void socket.write(part, 'latin1'),
    closed: new Promise((resolve) => socket.once('close', () => resolve(text))),
  };
}

/** Status and JSON body of a whole answer on a raw connection. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many forms
export function parseRaw(text: string): { status: number; json: any } {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), json: JSON.parse(rest.join('\r\n\r\n')) };
}
