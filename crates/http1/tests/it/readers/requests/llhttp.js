// Node's http server (llhttp) as a reader of requests: a line of hexadecimal bytes in, a line of what it read out.
const http = require('node:http');
const net = require('node:net');
const readline = require('node:readline');

const hex = (text, encoding) => Buffer.from(text, encoding).toString('hex');

const read = (bytes) => new Promise((done) => {
  const requests = [];
  let failed = false;
  const server = http.createServer((request, response) => {
    const pieces = [];
    const seen = { request, whole: false, pieces };
    requests.push(seen);
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => { seen.whole = true; response.end(); });
    request.on('error', () => { failed = true; });
  });
  server.httpAllowHalfOpen = true;
  server.on('clientError', (_, socket) => { failed = true; socket.destroy(); });
  server.listen(0, '127.0.0.1', () => {
    const client = net.connect(server.address().port, '127.0.0.1', () => client.end(bytes));
    client.setTimeout(2000, () => client.destroy());
    client.on('error', () => {});
    client.resume();
    client.on('close', () => {
      server.closeAllConnections();
      server.close(() => {
        const whole = requests.slice(0, [...requests, { whole: false }].findIndex((seen) => !seen.whole));
        const words = whole.map(({ request, pieces }) => [
          hex(request.method, 'latin1'), hex(request.url, 'latin1'), Buffer.concat(pieces).toString('hex'),
        ].join(','));
        done([...words, failed || whole.length < requests.length ? '!' : '.'].join(' '));
      });
    });
  });
});

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log(await read(Buffer.from(line, 'hex')));
  }
})();
