// Pages that are opened from the disk may start no worker, so their search runs in a frame that behaves like one.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.appendChild(this.frame);
      const inside = this.frame.contentDocument;
      inside.open();
      inside.write(`<script>
        var postMessage = (data) => parent.postMessage(data, "*");
      </script><body><script src="${url}"></script>`);
      inside.close();
      const worker = this.frame.contentWindow;
      this.ready = new Promise((done) => { worker.onload = done; });
      window.addEventListener("message", (event) => {
        if (event.source === worker) this.dispatchEvent(new MessageEvent("message", {data: event.data}));
      });
    }
    postMessage(data) {
      this.ready.then(() => this.frame.contentWindow.dispatchEvent(new MessageEvent("message", {data})));
    }
    terminate() { this.frame.remove(); }
  };
}
