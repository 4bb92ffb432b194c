// Node's http client (llhttp) as a reader of responses: a line of hexadecimal bytes in, a line of what it read out.
const http = require('node:http');
const net = require('node:net');
const readline = require('node:readline');

const read = (bytes) => new Promise((done) => {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(bytes));
  });
  const finish = (line) => { server.close(); done(line); };
  server.listen(0, '127.0.0.1', () => {
    const request = http.get({ port: server.address().port, host: '127.0.0.1', agent: false }, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('end', () => finish([
        Buffer.from('GET').toString('hex'),
        Buffer.from(String(response.statusCode)).toString('hex'),
        Buffer.concat(pieces).toString('hex'),
      ].join(',') + ' .'));
      response.on('error', () => finish('!'));
      response.on('aborted', () => finish('!'));
    });
    request.setTimeout(2000, () => request.destroy());
    request.on('error', () => finish('!'));
  });
});

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log(await read(Buffer.from(line, 'hex')));
  }
})();
