// title: A handler that never comes back
// expect: loop-blocked
// not: deadlock
// timeout: 4
// exit: timeout
setTimeout(() => {
  let turns = 0;
  for (;;) turns = (turns + 1) % 1024; // expect: loop-blocked
}, 200);
setInterval(() => console.log('never again'), 300);
