# The words of the window, English. Keys are the same in ru.ftl; a test compares them.

app-name = Artel
cancel = Cancel
back = Back
close = Close

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
replies-new = { $count ->
    [one] { $count } new
   *[other] { $count } new
}
new-replies = { $count ->
    [one] { $count } new reply in a thread
   *[other] { $count } new replies in threads
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

invite-email = E-mail
invite-name = Name
invite-auto = Let in without my approval
invite-code = Code for the newcomer
invite-how = Give it in person or by telephone; link and file also say where this desktop can be reached.
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


palette-hint = A person, a channel or a command
palette-empty = Nothing by this name
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
home-first = the first organisation
home-open = Open: { $name }
home-new = Another organisation
home-new-do = Open its window
home-name = What to call it on this computer
home-new-how = Each organisation has a window of its own, with its own password. Its messages and files stay apart from those of this one. The name you give here can be read by whoever uses this computer.
home-name-odd = Letters, digits, spaces and hyphens; 40 at most.
new-team = New team
everybody = Everybody
people-search = Name or address
you = { $name } (you)
search-messages = Search messages
search-more = Show more
search-narrow = Narrow it with operators: from:anna or from:me, in:general, after:week, before:2026-11-01, on:yesterday, has:file, has:link, has:picture, has:reaction, is:pinned, is:saved, is:thread, is:edited, is:mine. Names with spaces stand in quotes: from:“Anna Petrova”. Operators without words show the newest.
search-from = from:
search-in = in:
search-after = after:
search-before = before:
search-file = has:file
search-picture = has:picture
search-link = has:link
search-reaction = has:reaction
search-pinned = is:pinned
search-saved = is:saved
search-nobody = Nobody is called “{ $name }”.
search-nowhere = There is no channel or conversation “{ $name }”.
search-several = Several are called so, write more of the name: { $names }
search-day = “{ $name }” is no day. Try 2026-11-23, 23.11.2026, 2026-11, today, yesterday, week.
search-has = has: takes file, link, picture or reaction.
search-is = is: takes pinned, saved, thread, edited or mine.
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
key-directs = Write to somebody
key-find = Find in this conversation
key-inbox = Mentions and what is unread
key-above = To the conversation above
key-below = To the conversation below
key-unread-above = To the unread conversation above
key-unread-below = To the unread conversation below
key-bold = Bold: what is marked in the composer
key-italic = Italic: what is marked in the composer
key-mark = On a message: mark those beside it
key-page = Scroll by a page
key-zoom = Larger, smaller, as it was
read-all = Mark everything as read
read-all-do = Mark as read
read-all-sure = { $count ->
    [one] { $count } message in all conversations will be marked as read.
   *[other] { $count } messages in all conversations will be marked as read.
}
fold = Fold
unfold = Unfold
unread-above = Unread above
unread-below = Unread below
topic-is = Topic: { $name }
cut = Cut
paste = Paste
select-all = Select all
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
way-saved = Addresses of before
way-mdns = Announcements in the network (mDNS)
way-learnt = Learnt from colleagues
way-off = off
way-refused = refused by the system
way-noisy = paused: noisy network
way-found = { $name } found
way-quiet = nothing heard for { $name } s
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

## Files, channels, people, attention, settings

attach = Attach a file
attach-do = Attach
attached = Attached { $name }
attach-remove = Do not attach { $name }
attach-too-many = A message takes up to 15 files.
attach-folder = A folder cannot be attached. Pack it into an archive.
attach-gone = There is no such file, or it cannot be read.
path = Path of the file
path-how = For example /home/anna/report.pdf. A file can also be dropped onto the window.
save-as = Save as…
save-as-how = A file that exists is not overwritten.
save = Save
drop-here = Drop to attach: { $name }
clipboard-name = Snapshot
clipboard-too = The clipboard holds a picture too
clipboard-attach = Attach the picture
clipboard-no = No
picture-of = Picture { $name }, see it large
picture-unknown = this picture cannot be shown here
picture-too-large = too large to be shown
picture-broken = the picture is broken
picture-away = nobody who has it is connected
picture-coming = The picture is loading…
viewer = Picture viewer
viewer-previous = Previous picture
viewer-next = Next picture
viewer-nearer = Larger
viewer-farther = Smaller
key-pictures = Previous and next picture
file-open = Open { $name }
file-more = More about { $name }
file-view = See it large
file-do-open = Open in its program
file-do-show = Show in folder
file-do-copy = Copy
file-do-remove = Remove from this computer
file-removed = The file is removed from this computer. Colleagues keep it.
transfer-send = Getting ready: { $name }
transfer-give = A colleague is fetching: { $name }
transfer-waits = Waits for somebody who has it
transfer-stop = Stop: { $name }
per-second = { $name }/s

channels-all = All channels
channels-search = Name or topic
channel-look = Open channel { $name }
channel-join = Join
channel-leave = Leave
channel-leave-yes = Yes, leave. Only a member can bring you back
channel-joined = You joined the channel.
channel-left = The channel is no longer in your list.
channel-settings = Conversation settings
channel-members = Members
archive-keys = The company archive gets the keys too: { $who }
role-archive = company archive
channel-archive = Archive
channel-unarchive = Take out of the archive
topic = Topic
archived = Archived
favourites = Favourites
favourite = Add to favourites
favourite-off = Remove from favourites
mute = Mute
unmute = Unmute
mark-read = Mark as read
notify-of = Tell me of
level-all = Everything
level-mentions = Mentions only
level-nothing = Nothing
changed = Saved.
remove = Remove
roster-add = Whom to add
roster-add-one = Add: { $name }
roster-remove = Remove from the conversation: { $name }
roster-added = The member is added.
roster-removed = The member is removed.
roster-team = The members of this channel are the team “{ $name }”.
roster-everybody = The members of this channel are the whole organisation.
rights-create-admins = Public channels are created by administrators here.
rights-create-leads = Public channels are created by administrators and team leads here.
rights-create-members = Everybody may create a public channel here.
rights-private = Only those who are added see a private channel; its creator changes the members.
rights-channel = Administrators and the team's lead change the name, members the topic.
refused-role = Not allowed: your role does not permit it. Ask an administrator.
refused-lead = Not allowed: only the team's lead may. Ask the lead or an administrator.
refused-higher = Not allowed: that person has more rights than you.
refused-policy = Not allowed: the organisation's rules say so. Administrators change them.
refused-archived = Not allowed: the channel is archived. Take it out first.
refused-last-owner = Not allowed: the organisation would have no owner left.
refused-member = Not allowed: that person does not belong here.
refused-moderator = Not allowed: the creator of a private channel changes its members.
refused-rule = Only channels can be archived, forget by themselves or hide who has read.
refused-full = No more members fit in.
refused-in-already = That person is here already.
refused-exists = It exists already. Choose another name.

person-card = Card of { $name }
person-show = Card
person-write = Write
person-copy-email = Copy e-mail
person-phone = Telephone
person-teams = Teams
person-about = About
person-remove = Remove from the organisation…
person-remove-yes = Yes, remove
person-remove-how = The person and all their computers lose access. What they wrote stays.
person-removed = The person is removed from the organisation.
role = Role
team-lead-of = { $name } (leads)
team-member-of = In the team “{ $name }”
devices = Computers
devices-count = { $count ->
    [one] { $count } computer
   *[other] { $count } computers
}
devices-online = { $count } online
presence-busy = do not disturb
presence-away = away
writes = { $name } is typing…
write = { $count } people are typing

mood = What is going on
status = Status
status-none = Status and do not disturb
status-meeting = In a meeting
status-lunch = At lunch
status-home = Working from home
status-holiday = On holiday
status-tell = Tell everybody
status-clear = Clear status
dnd = Do not disturb
dnd-on = Do not disturb
dnd-until = Do not disturb until { $name }
dnd-half = 30 minutes
dnd-hour = 1 hour
dnd-morning = Until 9 a.m.
dnd-forever = Until I switch it off
dnd-until-field = Do not disturb until, time
dnd-set = Do not disturb
dnd-off = Disturb me again
quiet-now = Quiet hours
my-profile = Profile
face = Photograph
face-choose = Choose a photograph
face-remove = Remove the photograph
face-set = The photograph is saved.
profile-title = Position
profile-how = Name and e-mail come from the invitation, an administrator changes them. Everybody in the organisation sees the rest.
look = Appearance
attention = Attention
notify-title = Notifications on the desktop
notify-all = Of every message
notify-calls = Of mentions and direct messages
notify-nothing = None
notify-text = Show who wrote and what
notify-sign = Somebody wrote to you
notify-file = File { $name }
notify-open = Open
tray-title = When the window is closed
tray-close = Stay in the tray
tray-how = Messages go on coming and are told. The sign in the tray leads back; to quit, choose so in its menu or press Ctrl+Q.
tray-open = Open Artel
tray-quiet = Do not disturb for an hour
tray-quit = Quit
tray-unread = { $count ->
    [one] { $count } unread message
   *[other] { $count } unread messages
}
quiet-hours = Quiet hours
quiet-hours-on = Do not disturb every day
quiet-from = from
quiet-to = to
quiet-weekends = and all day at weekends
quiet-how = No notifications in this time; messages come and wait. For this computer only.
lock-never = Never lock
lock-after = { $count ->
    [one] After { $count } minute
   *[other] After { $count } minutes
}
store-full = The disk is full. Nothing is sent or received until there is room again; what you write stays where you wrote it.
store-rebuilding = The index is being built again. No message is lost.
store-reading = The history is read anew, as after a power cut. No message is lost.
store-is-ok = in order
store-is-full = full
store-is-rebuilding = being built again
store-percent = { $count } %
storage = Storage
storage-used = Files take { $name }
storage-free = { $name } free on the disk
storage-quota = How much they may take
storage-no-quota = No limit
storage-how = When the room is used up, new files are not fetched while messages still come. A file can be removed from this computer in its menu; colleagues keep it.
devices-how = Each of your computers holds all conversations, sealed by its own password.
device-number = Computer { $name }
device-frozen = frozen
device-revoked = disconnected for good
device-revoke = Disconnect
device-revoke-sure = Disconnect this computer for good?
device-revoke-how = It will neither receive nor write anything. This cannot be undone: later it is linked anew.
device-retired = No longer needed
device-lost = Lost
device-stolen = Stolen
device-is-revoked = The computer is disconnected.
device-link = Link another computer
device-link-how = Open Artel on the other computer, choose “I have a code” and enter this code. Both must be in the same network.
device-link-until = The code is good until { $name }, once, while this window is open.
device-link-wait = Five words appear here when the code is entered.
device-link-compare = Compare these five words with those on the other computer
device-link-yes = The words are the same, link it
device-link-no = The words differ
device-linked = The computer is linked.
licence-of = Licence: { $name }
# Writing and finding: drafts, completion, commands, lists of messages.
not-here = { $email } · not in this conversation
call-channel = channel
call-channel-about = Call everybody in this conversation
call-here = here
call-here-about = Call those who are at their desks
completion = Suggestions
slash-dnd = Do not disturb: 30m, 2h, 14:00, off
slash-status = What to say about yourself just now
slash-topic = Set the topic of the channel
slash-invite = Add a colleague to a private channel, invite to the organisation
slash-leave = Leave the channel
slash-help = What can be typed
slash-unknown = There is no such command: { $name }. Type /help, or put a space before it to send it as it is.
slash-only-channel = That is only possible in a channel.
slash-topic-empty = Write the topic behind the command: /topic Shift at eight
slash-invite-whom = Write whom to add: /invite @mail
slash-invite-public = The channel is open: your colleague finds it in the list of channels.
slash-nobody = There is no such colleague: { $name }
slash-dnd-bad = Until when is not clear: { $name }. Possible are 30m, 2h, 14:00, off.
topic-set = The topic is now: { $text }
topic-said = The topic is set
left-said = You have left the channel
invited-said = Your colleague is added
draft-elsewhere = On your other device: { $text }
draft-take = Take it
draft-leave = Keep this one
help = What can be typed
help-more = @ calls a person, a team or everybody, # leads to a channel, : finds an emoji by its name. **bold**, *italic*, ~~struck~~, `code`, > quote, - list.
saved-list = Saved
saved-none = Messages that you save will be here: “Save for yourself” in the menu of a message. Only you see them.
saved-said = Saved for you
unsaved-said = No longer saved
do-save = Save for yourself
do-unsave = Take off the saved list
unread-said = Marked as unread
do-unread = Unread from here
do-quote = Quote
do-forward = Forward
do-copy-link = Copy link
do-copy-address = Copy the address under the pointer
do-select = Select
forward-to = Forward to whom
link-go = Go to the message by its link
link-nowhere = That message is in a conversation that you are not in.
marked = { $count ->
    [one] { $count } message selected
   *[other] { $count } messages selected
}
marked-drop = Deselect
emoji-search = Emoji by name
details-held = Where it lies
details-read = Read by
details-history = How it changed
details-device = Device of the author
details-number = entry no. { $count }
details-signature = Signature
details-signed = Ed25519, verified on this computer when it came
details-epoch = Epoch key
pins = Pinned
pins-none = Nothing is pinned here. The menu of a message pins it.
jump-date = Go to a date
month-before = Month before
month-after = Month after
in-month-1 = January
in-month-2 = February
in-month-3 = March
in-month-4 = April
in-month-5 = May
in-month-6 = June
in-month-7 = July
in-month-8 = August
in-month-9 = September
in-month-10 = October
in-month-11 = November
in-month-12 = December
weekday-1 = Mo
weekday-2 = Tu
weekday-3 = We
weekday-4 = Th
weekday-5 = Fr
weekday-6 = Sa
weekday-7 = Su
find-hint = Find in this conversation
find-none = none
find-before = Earlier hit
find-after = Later hit
inbox-waiting = Unread
inbox-calls = You were called
inbox-threads = Threads with you
inbox-no-threads = No threads with you yet.
state-leaving = Being deleted…
retract-soon = { $count ->
    [one] The message will be gone for everybody in { $count } second
   *[other] The message will be gone for everybody in { $count } seconds
}
undo = Undo
do-later = Send later
later-list = Scheduled
later-none = Nothing is scheduled. The clock beside the send button schedules a message.
later-how = It leaves this computer at the time set while Artel is open here; if it is not, as soon as it is opened.
later-said = Scheduled. The list: menu of the organisation, “Scheduled”
later-dropped = No longer scheduled
later-hour = In an hour
later-evening = This evening
later-tomorrow = Tomorrow morning
later-monday = Monday morning
later-when = Or a time: 14:30, 25.11 9:00
later-bad = It has to be a time to come.
later-do = Schedule
later-move = Another time
later-edit = Edit
later-now = Send now
later-drop = Do not send

# Start, links, crash
settings-damaged = The window's settings could not be read; they begin anew. The old file: { $name }
crash-report = The last time Artel ended by a fault. A report without any of your texts lies here: { $name }
crashed = Artel ended by a fault of its own. Nothing that was sent is lost. A report without any of your texts lies here: { $name }
crashed-early = Artel ended by a fault of its own.
link-already-in = This link is an invitation; this computer is already in an organisation.

# Keyboard
select-row = Select the message: { $name }
key-region = To the list of places, the messages, the composer
key-reply = Reply to the last message, in an empty field
key-quit = Quit the program
key-row = At a message: thread, react, edit, quote, forward, pin, save, unread from here, copy, delete
forward-said = Forwarded

# First steps and founding
tour = First steps
tour-text = Five things that are good to begin with. Each ticks itself off when you have done it.
tour-row = First steps: { $name } of 5
tour-done = { $name }: done
tour-away = Do not offer any more
tour-channel = Create a channel
tour-channel-how = The plus beside “Channels” on the left. Who may create channels is decided by the organisation: administrators and leads, as a rule.
tour-mention = Call a colleague
tour-mention-how = Type @ and the first letters of the name, then Enter: the person is notified.
tour-search = Find a message
tour-search-how = Ctrl+Shift+F, then a word in any of its forms.
tour-thread = Reply in a thread
tour-thread-how = Point at a message and press the arrow, or Shift+↑ in an empty field.
tour-quiet = Do not be disturbed
tour-quiet-how = Click your name at the lower left, or type /dnd 1h.
template = What to begin with
template-one = One channel
template-office = Teams and channels of a small company
template-office-list = Sales: deals, customers; Marketing: advertising, webinars; Accounting: invoices; IT: help
edge-places = Width of the list of places
edge-thread = Width of the thread
finding-ok = in order
finding-warning = look at this
check-lost = Damage
check-network = Network
check-colleagues = Colleagues
check-owners = Owners
check-administrators = Administrators
check-certificate = Certificate

# Groups
gather-how = A click writes to one person. The plus, or Shift+Enter in the field, gathers several for a group.
gather-take = Into the group: { $name }
gather-drop = Not into the group: { $name }
gather-write = Write to the group
gather-too-many = A group holds eight people, you among them. For more of them create a channel.

# Invitations
invite-no-team = None
invite-until = How long the visit lasts
invite-until-week = A week
invite-until-month = A month
invite-until-quarter = Three months
invite-until-never = Without end
invite-spaces = Channels the guest reads
invite-good-until = Good once, until { $name }.
invite-copy-link = Copy link
invite-save-file = Save as a file
invite-file-text = An invitation to Artel. Open Artel, choose “I have a code” and drop this file onto the window. Whoever has the file can use it once: hand it over safely.
invitation-open = Open the file of an invitation
invitation-read = Read it
invitation-how = A link can be pasted as the code; a file can also be dropped onto the window.
invitation-none = There is no invitation in that file.
file-not-written = Not saved. There is such a file already, or nothing can be written there: { $name }

# Late arrivals
came-late = came late
came-late-at = Came to this computer only { $when }, when you had read on already
came = Came here

# The words of the root
phrase-ask = Three of the words
phrase-ask-how = Type these from your paper. Only then the organisation is founded.
phrase-word = Word { $name }
phrase-wrong = One of them is another word. Compare with your paper.
phrase-again = Show the words again

# Rights
role-archivist = opens archives of those who left
role-sure = Give this role? { $name }
role-give = Yes, give it
role-keep = No
team-leads = Leads “{ $name }”
roster-moderated = Who created this channel changes its members.

# Before it is done
leave-sure = Leave “{ $name }”?
leave-private = Only a member can bring you back.
leave-public = It stays in the list of channels; you can join again.
risky = This file can run something
risky-how = Opened, it can change or send anything on this computer. Open it only if you know what it is and expected it from this person.
risky-open = Open all the same
file-not-opened = Not opened: there is no program for it, or the program failed. { $name }
file-not-shown = The folder could not be shown. { $name }
file-not-copied = Not copied: the clipboard cannot be reached. { $name }
draft-too-long = This text is longer than 60 KiB: it is not kept as a draft. It can be sent; keep a copy until then.

# Alarms
finding-error = this has to be seen to
store-is-damaged = damaged
alarm-fork = A computer wrote two entries for one place: it was copied, or it cheats. Ask its owner, and disconnect it.
alarm-void-act = Somebody tried what their rights do not allow; it had no effect.
alarm-own-log-behind = Colleagues know more of what this computer wrote than it knows itself: it is an older copy, or another copy is in use.
alarm-wrong-recipients = A key was handed to the wrong computers.
invite-life = How long the code is good
until-day = until { $name }
days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
invite-by-mail = Send by mail
invite-mail-subject = Invitation to { $name } in Artel
invite-mail-text = You are invited to { $name } in Artel, a messenger for the office. Install Artel and open this link; the office network is needed:
invite-mail-code = If the link does not open, choose “I have a code” in Artel and type:
name-alike = Another name looks like this one: { $email }
not-here-twin = not in this conversation
mention-count = { $count ->
    [one] { $count } mention
   *[other] { $count } mentions
}
rights-calls = Who may call everybody with @channel and @here, in all channels
calls-admins = Administrators
calls-leads = Team leads too
calls-members = Everybody
rights-calls-admins = Everybody is called (@channel, @here) by administrators here.
rights-calls-leads = Everybody is called (@channel, @here) by administrators and team leads here.
rights-calls-members = Any member may call everybody (@channel, @here) here.
