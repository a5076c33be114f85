// A stretch of network in front of a site that can be cut: whoever is
// connected through it then gets half of what comes next, and a reset.
import { connect, createServer } from "node:net"

export class Cutter {
  cuts = 0
  #server
  #pairs = new Set()
  #timer = null

  static async before(url) {
    const cutter = new Cutter()
    await cutter.#start(new URL(url))
    return cutter
  }

  #start({ hostname, port }) {
    this.#server = createServer((near) => this.#join(near, connect({ host: hostname, port: Number(port) })))
    return new Promise((done) =>
      this.#server.listen(0, "127.0.0.1", () => {
        this.url = `http://127.0.0.1:${this.#server.address().port}`
        done()
      }),
    )
  }

  #join(near, far) {
    const pair = { near, far, isDoomed: false }
    this.#pairs.add(pair)
    near.pipe(far)
    far.on("data", (chunk) => {
      if (!pair.isDoomed) near.write(chunk)
      else near.write(chunk.subarray(0, chunk.length >> 1), () => this.#drop(pair))
    })
    for (const socket of [near, far]) {
      socket.setNoDelay(true)
      socket.on("error", () => {}) // "close" follows
      socket.on("close", () => this.#drop(pair))
    }
  }

  #drop(pair) {
    this.#pairs.delete(pair)
    pair.near.resetAndDestroy()
    pair.far.resetAndDestroy()
  }

  cut() {
    for (const pair of this.#pairs) {
      if (pair.isDoomed) continue
      pair.isDoomed = true
      this.cuts++
    }
  }

  // Now, too.
  every(ms) {
    this.cut()
    this.#timer = setInterval(() => this.cut(), ms)
  }

  // Nothing is cut any more.
  spare() {
    clearInterval(this.#timer)
    for (const pair of this.#pairs) pair.isDoomed = false
  }

  async close() {
    this.spare()
    const closed = new Promise((done) => this.#server.close(done))
    for (const pair of this.#pairs) this.#drop(pair)
    await closed
  }
}
