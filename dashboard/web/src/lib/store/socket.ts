/** The websocket of the server that the page came from. */

export function openSocket(): WebSocket {
  const url = new URL('/ws', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return new WebSocket(url);
}

/** One that still connects is closed once it is open: closed before, the browser tells it as a failure. */
export function closeSocket(socket: WebSocket): void {
  if (socket.readyState === socket.CONNECTING) socket.onopen = () => socket.close();
  else socket.close();
}
