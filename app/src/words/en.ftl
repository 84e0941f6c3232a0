# The words of the window, English. Keys are the same in ru.ftl; a test compares them.

app-name = Artel
ok = OK
cancel = Cancel
back = Back
close = Close
retry = Try again

search = Search
search-hint = Ctrl K
channels = Channels
directs = Direct messages
new-channel = New channel
write-to = Write to somebody
people = People
invite = Invite
settings = Settings
lock = Lock
threads = Threads

network-up = { $count ->
    [one] Office network · { $count } colleague
   *[other] Office network · { $count } colleagues
}
network-alone = Nobody else is on
network-wait = Messages leave when somebody is
queued-count = { $count ->
    [one] { $count } message waits
   *[other] { $count } messages wait
}

no-channel = Choose a conversation on the left, or press Ctrl K
empty-channel = Nothing here yet. Write the first message.
empty-directory = No colleagues yet. Invite the first one.
members = { $count ->
    [one] { $count } member
   *[other] { $count } members
}
history-shared = Newcomers read everything
history-join = Newcomers read from their first day on

today = Today
yesterday = Yesterday
new-messages = New
older-loading = Older messages are being read…
beginning = This is the beginning
jump-newest = To the newest
new-below = { $count ->
    [one] { $count } new message
   *[other] { $count } new messages
}

state-queued = Waits until a colleague’s desktop is on
state-held = { $count ->
    [one] On { $count } desktop of a colleague
   *[other] On { $count } desktops of colleagues
}
state-read = { $count ->
    [one] Read by { $count }
   *[other] Read by { $count }
}
state-retracted = Message deleted
state-hidden = Hidden: the author may not do this
state-newer = This message needs a newer Artel
edited = edited
pinned = pinned
clock-ahead = clock ahead

replies = { $count ->
    [one] { $count } reply
   *[other] { $count } replies
}
thread = Thread
reply-hint = Reply in the thread
message-hint = Message to { $name }
editing = Editing. Enter saves, Esc leaves it as it was
editing-label = Edit message

do-react = React
do-reply = Reply in thread
do-edit = Edit
do-retract = Delete for everybody
do-pin = Pin
do-unpin = Unpin
do-copy = Copy text
do-send = Send
retract-sure = Delete this message for everybody?
retract-how = It disappears on every desktop. Those who have read it have read it.

channel-name = Name
channel-team = Team
channel-whole = Whole organisation
channel-private = Private: only those who are added
channel-history = Newcomers read what was before them
create = Create
name-needed = Give it a name.

invite-email = E-mail
invite-name = Name
invite-auto = Let in without my approval
invite-code = Code for the newcomer
invite-how = Give it in person or by telephone. It works once, for three days.
invite-make = Make a code
pending = Wait to be let in
pending-compare = Compare these five words by telephone
approve = Let in
refuse = Turn away
copied = Copied

welcome = Welcome to Artel
welcome-text = Messages go from desktop to desktop. There is no server, and nobody else can read them.
welcome-join = I have a code
welcome-join-text = From your administrator, to enter your organisation
welcome-found = Found an organisation
welcome-found-text = You are the first; then you invite the others
welcome-demo = Look around a demo office
welcome-demo-text = Colleagues that answer, on this computer only
your-name = Your name
your-email = Your e-mail
your-password = A password for this device
your-password-again = The same password again
password-how = At least 15 characters; a few words in a row are good. Nobody can reset it.
password-differs = The passwords differ.
organisation-name = Name of the organisation
mail-domain = Mail domain
found-do = Found
found-busy = Founding…
phrase = Your 24 words
phrase-how = They are the root of the organisation. Write them on paper and keep it safe: they are shown once, and nothing else helps when all administrators are lost.
phrase-done = I have written them down
code = Code
join-do = Join
join-searching = Looking for the office in this network…
join-waiting = Ask your administrator by telephone whether these five words are the same there
join-wait = They let you in as soon as the words agree. This window may stay open.
join-address = Address of a colleague, if the network finds nobody
unlock = Unlock
unlock-how = The password of this device
unlock-busy = Opening…
locked = Artel is locked
locked-text = Messages go on arriving, sealed.

demo-start = The demo office opens: three real nodes on this computer…
demo-note = Demo office: everything here is thrown away at the end

palette-hint = A person, a channel or a command
palette-empty = Nothing by this name
found-in = Messages
found-none = Nothing found. Try another form of the word, or fewer words.
search-all = Search all messages: { $text }

theme = Theme
theme-dark = Dark
theme-light = Light
theme-system = As the system
language = Language
text-size = Text size
diagnostics = Diagnostics
diagnostics-copy = Copy for the IT department
peers = Colleagues’ desktops
peer-direct = direct
peer-hop = through a colleague
store = Store
clock = Clock
clock-offset = { $name } ms from colleagues’ clocks
listening = Listens at
online = on
offline = off
role-owner = owner
role-admin = administrator
role-registrar = registrar
role-member = member
role-guest = guest

menu-quit = Quit
about = Artel { $name }. Free software under MIT or Apache-2.0.

letter = A
menu-of = { $name }, menu
inbox = Mentions
inbox-empty = Nobody has called you.
unread = { $count ->
    [one] { $count } unread
   *[other] { $count } unread
}
new-channel-in = New channel in { $name }
new-team = New team
everybody = Everybody
people-search = Name or address
you = { $name } (you)
search-messages = Search messages
search-what = Words, “a phrase”, or the beginning of a wor*
search-example = сборка
fastest = Nearest desktop: { $count } ms
all-sent = Everything has been handed on
last-reply = last: { $when }
file-save = Save { $name }
saved = Saved: { $name }
failed = Something went wrong here; the log says more.
more = More
emoji = Emoji
mention = Mention
copy = Copy
details = Where is this message?
do-copy-with-author = Copy with author and time
author = Author
sent = Written
where-it-is = Where it is
text = Text
message-id = Id
pending-none = Nobody waits at the door.
pending-count = { $count ->
    [0] Who waits at the door
   *[other] Waiting at the door: { $count }
}
keyboard = Keyboard
enter-sends = Enter sends; otherwise Ctrl+Enter does
key-palette = Go to a person, a channel, a command
key-next = Place above or below
key-edit = Edit the last message, in an empty field
key-line = New line
key-back = Back, close, to the newest
lang-ru = Русский
lang-en = English
about-title = About
licences = Fonts: Inter, JetBrains Mono and Twemoji (SIL Open Font License 1.1), Phosphor Icons (MIT).
this-device = This computer
device = Device
outbox = Outbox
home = Home
ways = Ways of finding colleagues
doctor = Checks
alarms = Alarms
milliseconds = { $count } ms
office-founding = An organisation is founded
office-hiring = Three colleagues join with codes
office-talking = They talk
go-on = Continue
first-channel = general
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
no-display = There is no display to open a window on. In a terminal, artel-node does everything, and artel --demo plays a conversation.
no-opengl = The window needs OpenGL. On Debian: apt install libgl1 libegl1 libgl1-mesa-dri
no-library = A system library of the desktop is missing. On Debian: apt install libxkbcommon-x11-0 libxcursor1 libxi6
