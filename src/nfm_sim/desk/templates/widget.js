// The desk in a notebook: questions are messages to the kernel, and each answer says to which of them it belongs.
export default {
  render({model, el}) {
    const root = el.attachShadow({mode: "open"}), waiting = new Map();
    let going = true;
    root.innerHTML = PAGE;
    model.on("msg:custom", ({number, answer}) => {
      const done = waiting.get(number);
      waiting.delete(number);
      if (done) done(answer);
    });
    const ask = (what, said) => new Promise((done) => {
      const number = `${Math.random()}`;
      waiting.set(number, done);
      model.send({number, what, said: said || {}});
    });
    desk(root, ask, () => going);
    return () => { going = false; };
  },
};
