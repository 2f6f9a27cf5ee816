// title: Synchronous work before a server listens, and a server that idles
// expect: nothing
// not: warning
// exit: 0
const { execFileSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { createServer } = require('node:http');

execFileSync(process.execPath, ['-e', 'setTimeout(() => {}, 250)']);
const lines = readFileSync(__filename, 'utf8').split('\n').length;
const server = createServer((_request, response) => response.end(String(lines)));
server.listen(0, '127.0.0.1', () => setTimeout(() => server.close(), 1200));
