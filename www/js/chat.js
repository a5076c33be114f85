// The chat page: connects the client library, the views and the address.

import { ConnectionNotice } from "./connection_notice.js"
import { ConversationList } from "./conversation_list.js"
import { hook, setText, showAvatar } from "./dom.js"
import { InboxStore } from "./inbox_store.js"
import { Outgoing } from "./outgoing.js"
import { PeopleSearch } from "./people_search.js"
import { Router } from "./router.js"
import { fillTexts, text } from "./text.js"
import { Thread } from "./thread.js"
import { inbox, Tidings } from "./tidings.js"

fillTexts(document)

const app = hook(document, "app")
const tidings = new Tidings()
const store = new InboxStore(tidings)
const outgoing = new Outgoing(tidings)
const notice = new ConnectionNotice(hook(document, "notice"))
const list = new ConversationList(hook(app, "conversations"), { onEnd: () => store.loadMore() })
const thread = new Thread(hook(app, "thread"), {
  tidings,
  store,
  outgoing,
  onFound: (conversation_id) => router.go(`/c/${conversation_id}`, { replace: true }),
})
const people = new PeopleSearch(hook(app, "people"), {
  find: async (query) => (await tidings.api.findUsers(query)).items.filter(({ id }) => id !== store.me.id),
  linkTo: ({ id }) => {
    const conversation = store.directWith(id)
    return conversation ? `/c/${conversation.conversation_id}` : `/?to=${id}`
  },
})
const router = new Router((route) => {
  app.dataset.showing = route.conversation_id || route.to ? "thread" : "list"
  people.clear()
  thread.open(route)
  show()
})

// Many events may come at once; what they make is shown once.
let showing = false

function show() {
  if (showing) return
  showing = true
  // A frame would do, but the title counts in a hidden page too.
  setTimeout(() => {
    showing = false
    const unread = inbox.totalUnread(store.state)
    list.show(store.state, thread.conversation_id)
    document.title = unread ? text("app.title_unread", { count: unread }) : text("app.name")
  })
}

function showMe({ me }) {
  const account = hook(app, "account")
  showAvatar(hook(account, "avatar"), { id: me.id, name: me.name || me.username })
  setText(hook(account, "name"), me.name || me.username)
  setText(hook(account, "username"), `@${me.username}`)
}

function leave(reason) {
  const where = location.pathname === "/" ? {} : { next: location.pathname }
  location.replace(`/login#${new URLSearchParams(reason ? { reason, ...where } : where)}`)
}

// The stream tells of the end of the session too, perhaps before the answer.
let leaving = false

async function logOut() {
  leaving = true
  await tidings.api.logOut()
  location.assign("/login")
}

store.on("change", (state) => {
  showMe(state)
  show()
})
tidings.on("connection", (connection) => {
  notice.show(connection)
  if (connection.state === "ended" && !leaving) leave(connection.reason)
})
hook(app, "log-out").addEventListener("click", logOut)

try {
  await tidings.connect()
  app.hidden = false
  router.start()
} catch (error) {
  if (error.status !== 401) throw error
  leave()
}
