# Слова окна, русский. Ключи те же, что в en.ftl; проверяет тест.

app-name = Артель
ok = Хорошо
cancel = Отмена
back = Назад
close = Закрыть
retry = Повторить

search = Поиск
search-hint = Ctrl K
channels = Каналы
directs = Личные сообщения
new-channel = Новый канал
write-to = Написать коллеге
people = Люди
invite = Пригласить
settings = Настройки
lock = Запереть
threads = Обсуждения

network-up = { $count ->
    [one] Сеть офиса · { $count } коллега
    [few] Сеть офиса · { $count } коллеги
   *[many] Сеть офиса · { $count } коллег
}
network-alone = Никого больше нет на связи
network-wait = Сообщения уйдут, когда кто-то включится
queued-count = { $count ->
    [one] { $count } сообщение ждёт
    [few] { $count } сообщения ждут
   *[many] { $count } сообщений ждут
}

no-channel = Выберите беседу слева или нажмите Ctrl K
empty-channel = Здесь пока пусто. Напишите первое сообщение.
empty-directory = Коллег пока нет. Пригласите первого.
members = { $count ->
    [one] { $count } участник
    [few] { $count } участника
   *[many] { $count } участников
}
history-shared = Новички читают всё
history-join = Новички читают с первого дня

today = Сегодня
yesterday = Вчера
new-messages = Новые
older-loading = Читаю более ранние сообщения…
beginning = Это начало беседы
jump-newest = К новым
new-below = { $count ->
    [one] { $count } новое сообщение
    [few] { $count } новых сообщения
   *[many] { $count } новых сообщений
}

state-queued = Ждёт, пока включится компьютер коллеги
state-held = { $count ->
    [one] На { $count } компьютере коллег
    [few] На { $count } компьютерах коллег
   *[many] На { $count } компьютерах коллег
}
state-read = { $count ->
    [one] Прочитал { $count }
    [few] Прочитали { $count }
   *[many] Прочитали { $count }
}
state-retracted = Сообщение удалено
state-hidden = Скрыто: у автора не было на это права
state-newer = Для этого сообщения нужна более новая Артель
edited = изменено
pinned = закреплено
clock-ahead = часы спешат

replies = { $count ->
    [one] { $count } ответ
    [few] { $count } ответа
   *[many] { $count } ответов
}
thread = Обсуждение
reply-hint = Ответить в обсуждении
message-hint = Сообщение в { $name }
editing = Правка. Enter сохранит, Esc оставит как было
editing-label = Править сообщение

do-react = Реакция
do-reply = Ответить в обсуждении
do-edit = Править
do-retract = Удалить у всех
do-pin = Закрепить
do-unpin = Открепить
do-copy = Копировать текст
do-send = Отправить
retract-sure = Удалить это сообщение у всех?
retract-how = Оно исчезнет на каждом компьютере. Кто прочитал, тот прочитал.

channel-name = Название
channel-team = Команда
channel-whole = Вся организация
channel-private = Закрытый: только те, кого добавят
channel-history = Новички читают то, что было до них
create = Создать
name-needed = Дайте название.

invite-email = Почта
invite-name = Имя
invite-auto = Впустить без моего подтверждения
invite-code = Код для новичка
invite-how = Передайте лично или по телефону. Он действует один раз, три дня.
invite-make = Создать код
pending = Ждут у двери
pending-compare = Сверьте эти пять слов по телефону
approve = Впустить
refuse = Отказать
copied = Скопировано

welcome = Добро пожаловать в Артель
welcome-text = Сообщения идут с компьютера на компьютер. Сервера нет, и никто другой их не прочтёт.
welcome-join = У меня есть код
welcome-join-text = От администратора, чтобы войти в организацию
welcome-found = Основать организацию
welcome-found-text = Вы первый; потом пригласите остальных
welcome-demo = Осмотреться в пробном офисе
welcome-demo-text = Коллеги, которые отвечают, только на этом компьютере
your-name = Ваше имя
your-email = Ваша почта
your-password = Пароль для этого устройства
your-password-again = Тот же пароль ещё раз
password-how = Не короче 15 знаков; хороши несколько слов подряд. Сбросить его некому.
password-differs = Пароли различаются.
organisation-name = Название организации
mail-domain = Почтовый домен
found-do = Основать
found-busy = Основываю…
phrase = Ваши 24 слова
phrase-how = Это корень организации. Запишите их на бумагу и храните надёжно: они показаны один раз, и только они помогут, если не останется администраторов.
phrase-done = Слова записаны
code = Код
join-do = Войти
join-searching = Ищу офис в этой сети…
join-waiting = Спросите администратора по телефону, те же ли у него пять слов
join-wait = Вас впустят, как только слова совпадут. Это окно можно не закрывать.
join-address = Адрес коллеги, если сеть никого не находит
unlock = Открыть
unlock-how = Пароль этого устройства
unlock-busy = Открываю…
locked = Артель заперта
locked-text = Сообщения приходят и дальше, запечатанными.

demo-start = Открывается пробный офис: три настоящих узла на этом компьютере…
demo-note = Пробный офис: всё это в конце исчезнет

palette-hint = Человек, канал или команда
palette-empty = Ничего с таким именем
found-in = Сообщения
found-none = Ничего не найдено. Попробуйте другую форму слова или меньше слов.
search-all = Искать во всех сообщениях: { $text }

theme = Тема
theme-dark = Тёмная
theme-light = Светлая
theme-system = Как в системе
language = Язык
text-size = Размер текста
diagnostics = Диагностика
diagnostics-copy = Копировать для ИТ-отдела
peers = Компьютеры коллег
peer-direct = напрямую
peer-hop = через коллегу
store = Хранилище
clock = Часы
clock-offset = { $name } мс от часов коллег
listening = Слушает
online = на связи
offline = не в сети
role-owner = владелец
role-admin = администратор
role-registrar = регистратор
role-member = участник
role-guest = гость

menu-quit = Выйти
about = Artel { $name }. Свободная программа под MIT или Apache-2.0.

letter = А
menu-of = { $name }, меню
inbox = Упоминания
inbox-empty = Вас никто не звал.
unread = { $count ->
    [one] { $count } непрочитанное
    [few] { $count } непрочитанных
   *[many] { $count } непрочитанных
}
new-channel-in = Новый канал в { $name }
new-team = Новая команда
everybody = Все
people-search = Имя или адрес
you = { $name } (вы)
search-messages = Поиск по сообщениям
search-what = Слова, «фраза» или начало слов*
search-example = сборка
fastest = Ближайший компьютер: { $count } мс
all-sent = Всё передано
last-reply = последний: { $when }
file-save = Сохранить { $name }
saved = Сохранено: { $name }
failed = Что-то пошло не так; подробности в журнале.
more = Ещё
emoji = Эмодзи
mention = Упомянуть
copy = Копировать
details = Где это сообщение?
do-copy-with-author = Копировать с автором и временем
author = Автор
sent = Написано
where-it-is = Где оно
text = Текст
message-id = Номер
pending-none = У двери никого.
pending-count = { $count ->
    [0] Кто ждёт у двери
   *[other] Ждут у двери: { $count }
}
keyboard = Клавиатура
enter-sends = Enter отправляет; иначе Ctrl+Enter
key-palette = К человеку, каналу, команде
key-next = К беседе выше или ниже
key-edit = Править последнее сообщение, в пустом поле
key-line = Новая строка
key-back = Назад, закрыть, к новым
lang-ru = Русский
lang-en = English
about-title = О программе
licences = Шрифты: Inter, JetBrains Mono и Twemoji (SIL Open Font License 1.1), Phosphor Icons (MIT).
this-device = Этот компьютер
device = Устройство
outbox = Исходящие
home = Папка
ways = Как находят коллег
doctor = Проверки
alarms = Тревоги
milliseconds = { $count } мс
office-founding = Основывается организация
office-hiring = Трое коллег входят по кодам
office-talking = Они беседуют
go-on = Дальше
first-channel = общий
month-1 = января
month-2 = февраля
month-3 = марта
month-4 = апреля
month-5 = мая
month-6 = июня
month-7 = июля
month-8 = августа
month-9 = сентября
month-10 = октября
month-11 = ноября
month-12 = декабря
no-display = Нет дисплея, чтобы открыть окно. В терминале всё умеет artel-node, а artel --demo проиграет беседу.
no-opengl = Окну нужен OpenGL. В Debian: apt install libgl1 libegl1 libgl1-mesa-dri
no-library = Не хватает системной библиотеки рабочего стола. В Debian: apt install libxkbcommon-x11-0 libxcursor1 libxi6
