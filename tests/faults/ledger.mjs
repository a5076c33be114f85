// What was tried and what was acknowledged, as it happens.

export class Ledger {
  sent = []
  acknowledged = []
  #waiting = []

  // A message is about to be sent for the first time.
  send(client_id, conversation_id, message) {
    this.sent.push({ client_id, conversation_id, message })
  }

  acknowledge(client_id, { conversation_id, message_id, no }) {
    this.acknowledged.push({ client_id, conversation_id, message_id, no, at: performance.now() })
    const due = this.#waiting.filter(({ count }) => count <= this.acknowledged.length)
    this.#waiting = this.#waiting.filter((each) => !due.includes(each))
    for (const { done } of due) done()
  }

  // Resolves once so many more are acknowledged: harm is done at a place in a
  // stream, not at a time.
  after(more) {
    const count = this.acknowledged.length + more
    return new Promise((done) => this.#waiting.push({ count, done }))
  }
}
