// Chains on what is not known: the language's habit of `then`, and what only looks like it.
ask().then(go); // lint: floating-promise
ask().then(go).then(on); // lint: floating-promise
ask().catch(go).then(on); // lint: floating-promise
ask().then(go).finally(end); // lint: floating-promise
$.get('/x').then((data) => data); // lint: floating-promise
answer.then(() => {}); // lint: floating-promise
ask().then(go, stop);
ask().then(go).catch(stop);
ask().then(go).catch(stop).finally(end);
answer.then(go); // lint: floating-promise
cache.catch(1);
cy.get('button').then((found) => found);
const own = { then: (callback) => callback(1) };
own.then((value) => value);
