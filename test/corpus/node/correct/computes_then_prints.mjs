// title: A script that computes before its loop has ever turned: nobody waits for it
// expect: nothing
// not: warning
// exit: 0
let sum = 0;
const end = performance.now() + 700;
while (performance.now() < end) sum = (sum * 31 + 7) % 1_000_003;
console.log(sum >= 0 ? 'done' : 'never');
