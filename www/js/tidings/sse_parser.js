// Server-sent events out of text that arrives in pieces.
//
// Tells the data of each event.  The names and ids that stand beside it are
// also in it, so they are passed over; so are comments, which only say that
// the stream lives.

export class SseParser {
  #rest = ""
  #data = []

  // The data of the events that piece completes.
  feed(piece) {
    const complete = []
    const text = this.#rest + piece
    // A carriage return at the end may be half of a line's end.
    const held = text.endsWith("\r") ? 1 : 0
    const lines = text.slice(0, text.length - held).split(/\r\n|\n|\r/)

    this.#rest = lines.pop() + text.slice(text.length - held)
    for (const line of lines) {
      if (line === "") this.#finish(complete)
      else if (line.startsWith("data:")) this.#data.push(line.slice(line[5] === " " ? 6 : 5))
    }
    return complete
  }

  #finish(complete) {
    if (this.#data.length) complete.push(this.#data.join("\n"))
    this.#data = []
  }
}
