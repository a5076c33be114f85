// Addresses: which conversation the page shows is what its address says.
//
//   /         {}                     the list
//   /c/7      {conversation_id: 7}
//   /?to=5    {to: 5}                a person, before the first message

export class Router {
  #arrived

  // arrived(route): the address has changed.
  constructor(arrived) {
    this.#arrived = arrived
    addEventListener("popstate", () => this.#arrive())
    document.addEventListener("click", (event) => this.#click(event))
  }

  go(path, { replace = false } = {}) {
    history[replace ? "replaceState" : "pushState"](null, "", path)
    this.#arrive()
  }

  start() {
    this.#arrive()
  }

  #arrive() {
    this.#arrived(routeOf(location))
  }

  // Links within the page change the address without loading it anew.
  #click(event) {
    const link = event.target.closest("a[data-route]")
    const elsewhere = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey
    if (!link || elsewhere) return
    event.preventDefault()
    if (link.href !== location.href) this.go(link.getAttribute("href"))
  }
}

export function routeOf({ pathname, search }) {
  const conversation = /^\/c\/(\d{1,15})$/.exec(pathname)
  if (conversation) return { conversation_id: Number(conversation[1]) }
  const to = new URLSearchParams(search).get("to")
  return /^\d{1,15}$/.test(to ?? "") ? { to: Number(to) } : {}
}
