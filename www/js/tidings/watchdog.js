// Notices a stream that has died without saying so.
//
// A stream must open within open_ms and then be heard of every silence_ms.
// One that isn't gets a probe (a transport that can asks its peer for a sign
// of life) and grace_ms more, then it counts as dead.

export class Watchdog {
  #probe
  #dead
  #pace = null
  #timer

  constructor({ open_ms, probe = () => {}, dead }) {
    this.#probe = probe
    this.#dead = dead
    this.#timer = setTimeout(dead, open_ms)
  }

  // The stream is open: pace is {silence_ms, grace_ms}.
  opened(pace) {
    this.#pace = pace
    this.heard()
  }

  // A sign of life.
  heard() {
    if (this.#pace) this.#after(this.#pace.silence_ms, () => this.doubt())
  }

  // Ask now, rather than when the silence has lasted.
  doubt() {
    if (!this.#pace) return
    this.#probe()
    this.#after(this.#pace.grace_ms, this.#dead)
  }

  stop() {
    this.#pace = null
    clearTimeout(this.#timer)
  }

  #after(ms, act) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(act, ms)
  }
}
