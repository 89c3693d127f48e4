"use strict";
// Players: each video with its boxes on a canvas above it, in step with the frame that is shown. Text only ever enters
// the page by textContent and fillText.

class Player {
  constructor(root) {
    this.root = root;
    this.clip = JSON.parse(document.getElementById(root.dataset.clip).textContent);
    this.video = root.querySelector("video");
    this.canvas = root.querySelector("canvas");
    this.slider = root.querySelector("input");
    this.time = root.querySelector(".time");
    this.button = root.querySelector(".play");
    this.head = root.querySelector(".head");
    this.withBoxes = true;
    this.touched = false;
    this.frame = -1;
    this.peers = [this];
    this.wire();
  }

  load() {
    if (this.video.src) return;
    const bytes = Uint8Array.from(atob(this.clip.mp4), (c) => c.charCodeAt(0));
    this.video.src = URL.createObjectURL(new Blob([bytes], { type: "video/mp4" }));
    this.clip.mp4 = "";
  }

  wire() {
    const { video } = this;
    video.addEventListener("loadedmetadata", () => this.seek(this.clip.poster));
    for (const event of ["seeked", "loadeddata", "timeupdate"]) video.addEventListener(event, () => this.show(video.currentTime));
    for (const event of ["play", "pause"]) video.addEventListener(event, () => this.label());
    video.addEventListener("error", () => { this.time.textContent = "this browser cannot play H.264"; });
    video.addEventListener("click", () => this.toggle());
    this.button.addEventListener("click", () => this.toggle());
    this.root.querySelector(".boxes").addEventListener("click", () => this.setBoxes(!this.withBoxes));
    this.slider.addEventListener("input", () => { this.pause(); this.seekAll(Number(this.slider.value)); });
    this.root.addEventListener("keydown", (event) => this.key(event));
    if (video.requestVideoFrameCallback) {
      const step = (_now, shown) => { this.show(shown.mediaTime); video.requestVideoFrameCallback(step); };
      video.requestVideoFrameCallback(step);
    }
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  key(event) {
    const inControl = event.target !== this.root && event.target.matches("button, summary, input");
    const { frame, clip } = this;
    const actions = {
      " ": () => this.toggle(), k: () => this.toggle(), b: () => this.setBoxes(!this.withBoxes),
      ArrowLeft: () => { this.pause(); this.seekAll(frame - 1); }, ArrowRight: () => { this.pause(); this.seekAll(frame + 1); },
      Home: () => this.seekAll(0), End: () => this.seekAll(clip.frames - 1),
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !actions[event.key]) return;
    if (inControl && event.key === " ") return;
    event.preventDefault();
    actions[event.key]();
  }

  toggle() {
    this.load();
    if (!this.video.paused) return this.pause();
    const fresh = !this.touched || this.frame >= this.clip.frames - 1;
    for (const player of players) if (!this.peers.includes(player)) player.video.pause();
    for (const peer of this.peers) {
      peer.load();
      peer.touched = true;
      if (fresh) peer.seek(0); else if (peer !== this) peer.seek(this.frame);
      peer.video.play().catch(() => {});
    }
  }

  pause() { for (const peer of this.peers) peer.video.pause(); }

  seekAll(frame) { for (const peer of this.peers) { peer.touched = true; peer.seek(frame); } }

  seek(frame) {
    this.load();
    const inside = Math.max(0, Math.min(this.clip.frames - 1, frame));
    this.video.currentTime = (inside + 0.5) / this.clip.fps;
  }

  setBoxes(on) {
    for (const peer of this.peers) {
      peer.withBoxes = on;
      peer.root.querySelector(".boxes").setAttribute("aria-pressed", String(on));
      peer.draw();
    }
  }

  label() {
    const playing = !this.video.paused;
    this.button.textContent = playing ? "❚❚" : "►";
    this.button.setAttribute("aria-label", playing ? "Pause" : "Play");
  }

  show(seconds) {
    const frame = Math.max(0, Math.min(this.clip.frames - 1, Math.floor(seconds * this.clip.fps + 0.25)));
    this.frame = frame;
    this.slider.value = String(frame);
    this.head.style.left = `${100 * (frame + 0.5) / this.clip.frames}%`;
    const at = (this.clip.first + frame) / this.clip.fps;
    this.slider.setAttribute("aria-valuetext", `${at.toFixed(2)} seconds`);
    this.time.textContent = `${at.toFixed(2)} s · frame ${this.clip.first + frame}`;
    this.draw();
  }

  draw() {
    const { canvas, clip } = this, ratio = window.devicePixelRatio || 1;
    const wide = Math.round(canvas.clientWidth * ratio), high = Math.round(canvas.clientHeight * ratio);
    if (canvas.width !== wide || canvas.height !== high) { canvas.width = wide; canvas.height = high; }
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, wide, high);
    if (!this.withBoxes || this.frame < 0) return;
    const scale = Math.min(wide / clip.size[0], high / clip.size[1]);  // the video is letterboxed when it is very tall
    const left = (wide - clip.size[0] * scale) / 2, top = (high - clip.size[1] * scale) / 2, em = 11 * ratio;
    pen.font = `${em}px system-ui, sans-serif`;
    pen.textBaseline = "middle";
    const rows = clip.rows[this.frame] || [];
    for (const [thing, x0, y0, x1, y1] of rows) {
      const thin = clip.things[thing].rank === clip.last_rank;
      pen.lineWidth = (thin ? 2.5 : 4) * ratio; pen.strokeStyle = "rgba(11,14,18,.6)";
      pen.strokeRect(left + x0 * scale, top + y0 * scale, (x1 - x0) * scale, (y1 - y0) * scale);
      pen.lineWidth = (thin ? 1 : 2) * ratio; pen.strokeStyle = clip.things[thing].colour;
      pen.strokeRect(left + x0 * scale, top + y0 * scale, (x1 - x0) * scale, (y1 - y0) * scale);
    }
    const [m0, n0, m1, n1] = clip.mark, h = em + 5 * ratio;
    const taken = [[left + m0 * scale, top + n0 * scale, left + m1 * scale, top + n1 * scale]];
    for (const [thing, x0, y0, , y1, visible] of [...rows].sort((a, b) => clip.things[a[0]].rank - clip.things[b[0]].rank)) {
      const { text, colour, ink, rank } = clip.things[thing];
      const words = visible < 100 ? `${text} ${visible} %` : text;
      const w = pen.measureText(words).width + 8 * ratio;
      const x = Math.max(0, Math.min(left + x0 * scale - ratio, wide - w));
      const spots = [top + y0 * scale - h, top + y1 * scale, top + y0 * scale + 2, top + y1 * scale - h - 2, top + y0 * scale + h + 2]
        .map((y) => Math.max(0, Math.min(y, high - h)));
      const free = spots.find((y) => !taken.some((t) => x < t[2] && t[0] < x + w && y < t[3] && t[1] < y + h));
      if (free === undefined && rank >= clip.always_named) continue;
      const y = free === undefined ? spots[0] : free;
      taken.push([x, y, x + w, y + h]);
      pen.fillStyle = colour; pen.fillRect(x, y, w, h);
      pen.fillStyle = ink; pen.fillText(words, x + 4 * ratio, y + h / 2);
    }
  }
}

const players = [...document.querySelectorAll(".player")].map((root) => new Player(root));
for (const pair of document.querySelectorAll(".pair")) {
  const peers = players.filter((player) => pair.contains(player.root));
  for (const player of peers) player.peers = peers;
  pair.querySelector(".both").addEventListener("click", () => peers[0].toggle());
}
const near = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) players.find((p) => p.root === entry.target).load();
}, { rootMargin: "300px" });
for (const player of players) near.observe(player.root);
for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => {
    for (const other of document.querySelectorAll("[data-show]")) other.setAttribute("aria-pressed", String(other === button));
    for (const card of document.querySelectorAll(".clips > .card")) card.hidden = Boolean(button.dataset.show) && card.dataset.label !== button.dataset.show;
  });
}
document.getElementById("all-boxes").addEventListener("click", (event) => {
  const on = event.currentTarget.getAttribute("aria-pressed") !== "true";
  event.currentTarget.setAttribute("aria-pressed", String(on));
  for (const player of players) player.setBoxes(on);
});
document.documentElement.dataset.ready = "yes";
