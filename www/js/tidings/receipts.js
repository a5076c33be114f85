// Tells the server what was received and what was read.
//
// Marks only move up, so many are told as one: the highest, when a moment has
// passed.  Reading implies receiving.  What could not be told for the moment
// is told later.

const TELLING = { delivered_ms: 1_000, read_ms: 250, retry_ms: 5_000 }

export class Receipts {
  #tell
  #timing
  #marks = new Map()
  #timer = null
  #due_ms = Infinity

  // tell: {read(id, up_to), delivered(id, up_to)}, both async.
  constructor({ tell, timing }) {
    this.#tell = tell
    this.#timing = { ...TELLING, ...timing }
  }

  delivered(conversation_id, up_to) {
    this.#raise(conversation_id, "delivered", up_to, this.#timing.delivered_ms)
  }

  read(conversation_id, up_to) {
    this.#raise(conversation_id, "read", up_to, this.#timing.read_ms)
  }

  stop() {
    clearTimeout(this.#timer)
    this.#marks.clear()
  }

  #raise(conversation_id, kind, up_to, within_ms) {
    const marks = this.#marks.get(conversation_id) ?? { delivered: 0, read: 0 }
    marks[kind] = Math.max(marks[kind], up_to)
    this.#marks.set(conversation_id, marks)
    this.#within(within_ms)
  }

  #within(ms) {
    const due_ms = Date.now() + ms
    if (due_ms >= this.#due_ms) return
    clearTimeout(this.#timer)
    this.#due_ms = due_ms
    this.#timer = setTimeout(() => this.#flush(), ms)
  }

  async #flush() {
    const told = [...this.#marks]
    this.#marks.clear()
    this.#due_ms = Infinity
    await Promise.all(told.map(([id, marks]) => this.#tellOne(id, marks)))
  }

  async #tellOne(id, marks) {
    for (const kind of ["read", "delivered"]) {
      const up_to = marks[kind]
      if (up_to === 0 || (kind === "delivered" && up_to <= marks.read)) continue
      try {
        await this.#tell[kind](id, up_to)
      } catch (error) {
        if (error.passing) this.#raise(id, kind, up_to, Math.max(this.#timing.retry_ms, error.retry_after_ms))
      }
    }
  }
}
