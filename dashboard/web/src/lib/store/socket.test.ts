import { expect, test } from 'vitest';
import { closeSocket } from './socket';

function fake(readyState: number): { socket: WebSocket; closed: () => number } {
  let count = 0;
  const socket = { CONNECTING: 0, readyState, onopen: null, close: () => (count += 1) } as unknown as WebSocket;
  return { socket, closed: () => count };
}

test('a socket that still connects is closed once it is open, not before', () => {
  const { socket, closed } = fake(0);
  closeSocket(socket);
  expect(closed()).toBe(0);
  socket.onopen?.(new Event('open'));
  expect(closed()).toBe(1);
});

test('an open socket is closed at once', () => {
  const { socket, closed } = fake(1);
  closeSocket(socket);
  expect(closed()).toBe(1);
});
