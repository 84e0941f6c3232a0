# Слова окна, русский. Ключи те же, что в en.ftl; проверяет тест.

app-name = Артель
cancel = Отмена
back = Назад
close = Закрыть

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
replies-new = { $count ->
    [one] { $count } новый
    [few] { $count } новых
   *[many] { $count } новых
}
new-replies = { $count ->
    [one] { $count } новый ответ в обсуждении
    [few] { $count } новых ответа в обсуждениях
   *[many] { $count } новых ответов в обсуждениях
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

invite-email = Почта
invite-name = Имя
invite-auto = Впустить без моего подтверждения
invite-code = Код для новичка
invite-how = Передайте лично или по телефону. Ссылка и файл вдобавок говорят, где найти этот компьютер.
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


palette-hint = Человек, канал или команда
palette-empty = Ничего с таким именем
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
home-first = первая организация
home-open = Открыть: { $name }
home-new = Другая организация
home-new-do = Открыть её окно
home-name = Как назвать её на этом компьютере
home-new-how = У каждой организации своё окно и свой пароль. Её сообщения и файлы лежат отдельно от здешних. Название, которое вы дадите здесь, видят все, кто пользуется этим компьютером.
home-name-odd = Буквы, цифры, пробелы и дефис; не больше 40 знаков.
new-team = Новая команда
everybody = Все
people-search = Имя или адрес
you = { $name } (вы)
search-messages = Поиск по сообщениям
search-more = Показать ещё
search-narrow = Уточните операторами: от:анна или от:меня, в:общий, после:неделя, до:01.11.2026, за:вчера, есть:файл, есть:ссылка, есть:картинка, есть:реакция, это:закреплено, это:сохранено, это:тред, это:изменено, это:моё. Имена с пробелами пишите в кавычках: от:«Анна Петрова». Операторы без слов показывают самое новое.
search-from = от:
search-in = в:
search-after = после:
search-before = до:
search-file = есть:файл
search-picture = есть:картинка
search-link = есть:ссылка
search-reaction = есть:реакция
search-pinned = это:закреплено
search-saved = это:сохранено
search-nobody = Никого не зовут «{ $name }».
search-nowhere = Нет ни канала, ни беседы «{ $name }».
search-several = Так зовут нескольких, напишите имя подробнее: { $names }
search-day = «{ $name }» — не дата. Попробуйте 23.11.2026, 2026-11-23, 2026-11, сегодня, вчера, неделя.
search-has = После «есть:» пишут файл, ссылка, картинка или реакция.
search-is = После «это:» пишут закреплено, сохранено, тред, изменено или моё.
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
key-directs = Написать человеку
key-find = Найти в этой беседе
key-inbox = Упоминания и непрочитанное
key-above = К беседе выше
key-below = К беседе ниже
key-unread-above = К непрочитанной беседе выше
key-unread-below = К непрочитанной беседе ниже
key-bold = Жирный: выделенное в поле ввода
key-italic = Курсив: выделенное в поле ввода
key-mark = На сообщении: выделить соседние
key-page = Листать на страницу
key-zoom = Крупнее, мельче, как было
read-all = Прочитано всё
read-all-do = Отметить прочитанным
read-all-sure = { $count ->
    [one] Будет отмечено прочитанным { $count } сообщение во всех беседах.
    [few] Будут отмечены прочитанными { $count } сообщения во всех беседах.
   *[other] Будут отмечены прочитанными { $count } сообщений во всех беседах.
}
fold = Свернуть
unfold = Развернуть
unread-above = Непрочитанное выше
unread-below = Непрочитанное ниже
topic-is = Тема: { $name }
cut = Вырезать
paste = Вставить
select-all = Выделить всё
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
way-saved = Прежние адреса
way-mdns = Объявления в сети (mDNS)
way-learnt = Узнано от коллег
way-off = выключено
way-refused = запрещено системой
way-noisy = приостановлено: сеть перегружена
way-found = найдено: { $name }
way-quiet = ничего не слышно { $name } с
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

## Файлы, каналы, люди, внимание, настройки

attach = Приложить файл
attach-do = Приложить
attached = Приложен { $name }
attach-remove = Не прикладывать { $name }
attach-too-many = В одном сообщении бывает до 15 файлов.
attach-folder = Папку приложить нельзя. Упакуйте её в архив.
attach-gone = Такого файла нет, или его нельзя прочитать.
path = Путь к файлу
path-how = Например, /home/anna/отчёт.pdf. Файл можно и просто бросить на окно.
save-as = Сохранить как…
save-as-how = Существующий файл не перезаписывается.
save = Сохранить
drop-here = Отпустите, чтобы приложить: { $name }
clipboard-name = Снимок
clipboard-too = В буфере есть и картинка
clipboard-attach = Приложить картинку
clipboard-no = Не надо
picture-of = Картинка { $name }, открыть крупно
picture-unknown = такую картинку здесь не показать
picture-too-large = слишком большая, чтобы показать
picture-broken = картинка повреждена
picture-away = ни у кого на связи её нет
picture-coming = Картинка загружается…
viewer = Просмотр картинки
viewer-previous = Предыдущая картинка
viewer-next = Следующая картинка
viewer-nearer = Крупнее
viewer-farther = Мельче
key-pictures = Предыдущая и следующая картинка
file-open = Открыть { $name }
file-more = Ещё о { $name }
file-view = Посмотреть крупно
file-do-open = Открыть в программе
file-do-show = Показать в папке
file-do-copy = Копировать
file-do-remove = Убрать с этого компьютера
file-removed = Файл убран с этого компьютера. У коллег он остался.
transfer-send = Готовится: { $name }
transfer-give = Коллега забирает: { $name }
transfer-waits = Ждёт того, у кого он есть
transfer-stop = Прервать: { $name }
per-second = { $name }/с

channels-all = Все каналы
channels-search = Название или тема
channel-look = Открыть канал { $name }
channel-join = Вступить
channel-leave = Покинуть
channel-leave-yes = Да, покинуть. Вернуть сможет только участник
channel-joined = Вы вступили в канал.
channel-left = Канала больше нет в вашем списке.
channel-settings = Настройки беседы
channel-members = Участники
archive-keys = Ключи получает и архив компании: { $who }
role-archive = архив компании
channel-archive = В архив
channel-unarchive = Из архива
topic = Тема
archived = В архиве
favourites = Избранное
favourite = В избранное
favourite-off = Убрать из избранного
mute = Без звука и счётчика
unmute = Снова замечать
mark-read = Прочитано
notify-of = О чём сообщать
level-all = Обо всём
level-mentions = Только об упоминаниях
level-nothing = Ни о чём
changed = Сохранено.
remove = Удалить
roster-add = Кого добавить
roster-add-one = Добавить: { $name }
roster-remove = Удалить из беседы: { $name }
roster-added = Участник добавлен.
roster-removed = Участник удалён.
roster-team = Участники этого канала — вся команда «{ $name }».
roster-everybody = Участники этого канала — вся организация.
rights-create-admins = Открытые каналы здесь создают администраторы.
rights-create-leads = Открытые каналы здесь создают администраторы и руководители команд.
rights-create-members = Открытый канал здесь может создать каждый.
rights-private = Закрытый канал видят только те, кого в него добавили; участников меняет его создатель.
rights-channel = Название меняют администраторы и руководитель команды, тему — участники.
refused-role = Нельзя: ваша роль этого не позволяет. Попросите администратора.
refused-lead = Нельзя: это может только руководитель команды. Попросите его или администратора.
refused-higher = Нельзя: у этого человека права выше ваших.
refused-policy = Нельзя: так решено в правилах организации. Их меняют администраторы.
refused-archived = Нельзя: канал в архиве. Сначала верните его оттуда.
refused-last-owner = Нельзя: у организации не осталось бы владельца.
refused-member = Нельзя: этот человек не состоит здесь.
refused-moderator = Нельзя: участников закрытого канала меняет его создатель.
refused-rule = Убрать в архив, забывать по сроку и скрывать прочтение умеют только каналы.
refused-full = Больше участников не помещается.
refused-in-already = Этот человек уже здесь.
refused-exists = Такое уже есть. Выберите другое название.

person-card = Карточка: { $name }
person-show = Карточка
person-write = Написать
person-copy-email = Копировать почту
person-phone = Телефон
person-teams = Команды
person-about = О себе
person-remove = Убрать из организации…
person-remove-yes = Да, убрать
person-remove-how = Человек и все его компьютеры потеряют доступ. Написанное останется.
person-removed = Человек убран из организации.
role = Роль
team-lead-of = { $name } (руководит)
team-member-of = В команде «{ $name }»
devices = Компьютеры
devices-count = { $count ->
    [one] { $count } компьютер
    [few] { $count } компьютера
   *[many] { $count } компьютеров
}
devices-online = { $count } на связи
presence-busy = не беспокоить
presence-away = отошёл
writes = { $name } печатает…
write = Печатают: { $count }

mood = Что сейчас
status = Статус
status-none = Статус и «не беспокоить»
status-meeting = На встрече
status-lunch = На обеде
status-home = Работаю из дома
status-holiday = В отпуске
status-tell = Показать всем
status-clear = Убрать статус
dnd = Не беспокоить
dnd-on = Не беспокоить
dnd-until = Не беспокоить до { $name }
dnd-half = 30 минут
dnd-hour = 1 час
dnd-morning = До 9 утра
dnd-forever = Пока не выключу
dnd-until-field = Не беспокоить до, время
dnd-set = Не беспокоить
dnd-off = Снова беспокоить
quiet-now = Тихие часы
my-profile = Профиль
face = Фотография
face-choose = Выбрать фотографию
face-remove = Убрать фотографию
face-set = Фотография сохранена.
profile-title = Должность
profile-how = Имя и почта — из приглашения, их меняет администратор. Остальное видят все в организации.
look = Вид
attention = Внимание
notify-title = Уведомления на рабочем столе
notify-all = О каждом сообщении
notify-calls = Об упоминаниях и личных сообщениях
notify-nothing = Не показывать
notify-text = Показывать, кто и что написал
notify-sign = Вам написали
notify-file = Файл { $name }
notify-open = Открыть
tray-title = Когда окно закрыто
tray-close = Оставаться в области уведомлений
tray-how = Сообщения приходят, уведомления показываются. Вернуться можно щелчком по значку, завершить — через его меню или Ctrl+Q.
tray-open = Открыть Artel
tray-quiet = Не беспокоить час
tray-quit = Завершить
tray-unread = { $count ->
    [one] { $count } непрочитанное сообщение
    [few] { $count } непрочитанных сообщения
   *[many] { $count } непрочитанных сообщений
}
quiet-hours = Тихие часы
quiet-hours-on = Не беспокоить каждый день
quiet-from = с
quiet-to = до
quiet-weekends = и в выходные весь день
quiet-how = В это время нет уведомлений; сообщения приходят и ждут. Действует на этом компьютере.
lock-never = Не запирать
lock-after = { $count ->
    [one] Через { $count } минуту
    [few] Через { $count } минуты
   *[many] Через { $count } минут
}
store-full = Диск заполнен. Пока нет места, ничего не отправляется и не принимается; написанное останется в поле.
store-rebuilding = Указатель строится заново. Ни одно сообщение не потеряно.
store-reading = История читается заново, как после отключения питания. Ни одно сообщение не потеряно.
store-is-ok = в порядке
store-is-full = заполнено
store-is-rebuilding = строится заново
store-percent = { $count } %
storage = Место
storage-used = Файлы занимают { $name }
storage-free = На диске свободно { $name }
storage-quota = Сколько им можно занять
storage-no-quota = Без ограничения
storage-how = Когда место кончится, новые файлы не загружаются, а сообщения приходят. Убрать файл с этого компьютера можно в его меню, у коллег он останется.
devices-how = На каждом вашем компьютере — вся переписка, запечатанная своим паролем.
device-number = Компьютер { $name }
device-frozen = остановлен
device-revoked = отключён
device-revoke = Отключить
device-revoke-sure = Отключить этот компьютер?
device-revoke-how = Он больше ничего не получит и не напишет. Отменить нельзя: потом его подключают заново.
device-retired = Больше не нужен
device-lost = Потерян
device-stolen = Украден
device-is-revoked = Компьютер отключён.
device-link = Подключить ещё компьютер
device-link-how = На другом компьютере откройте Артель, выберите «У меня есть код» и введите этот код. Оба должны быть в одной сети.
device-link-until = Код действует до { $name }, один раз, пока открыто это окно.
device-link-wait = Здесь появятся пять слов, когда код введут.
device-link-compare = Сверьте эти пять слов с теми, что на другом компьютере
device-link-yes = Слова те же, подключить
device-link-no = Слова другие
device-linked = Компьютер подключён.
licence-of = Лицензия: { $name }
# Писать и находить: черновики, дополнение, команды, списки сообщений.
not-here = { $email } · не в этой беседе
call-channel = канал
call-channel-about = Позвать всех в этой беседе
call-here = тут
call-here-about = Позвать тех, кто на месте
completion = Варианты
slash-dnd = Не беспокоить: 30м, 2ч, до 14:00, выкл
slash-status = Что сказать о себе сейчас
slash-topic = Задать тему канала
slash-invite = Добавить коллегу в закрытый канал, пригласить в организацию
slash-leave = Выйти из канала
slash-help = Что можно набрать
slash-unknown = Нет такой команды: { $name }. Наберите /помощь, а чтобы отправить как есть, поставьте перед ней пробел.
slash-only-channel = Так можно только в канале.
slash-topic-empty = Напишите тему после команды: /тема Смена в восемь
slash-invite-whom = Напишите, кого добавить: /пригласить @почта
slash-invite-public = Канал открыт: коллега найдёт его сам в списке каналов.
slash-nobody = Такого коллеги нет: { $name }
slash-dnd-bad = Не понимаю, до каких пор: { $name }. Можно 30м, 2ч, 14:00, выкл.
topic-set = Тема теперь: { $text }
topic-said = Тема задана
left-said = Вы вышли из канала
invited-said = Коллега добавлен
draft-elsewhere = На другом вашем устройстве: { $text }
draft-take = Взять
draft-leave = Оставить здешнее
help = Что можно набрать
help-more = @ зовёт человека, команду или всех, # ведёт в канал, : находит эмодзи по имени. **жирный**, *курсив*, ~~зачёркнутый~~, `код`, > цитата, - список.
saved-list = Сохранённое
saved-none = Здесь будут сообщения, которые вы сохраните: меню сообщения, «Сохранить для себя». Видите их только вы.
saved-said = Сохранено для вас
unsaved-said = Больше не сохранено
do-save = Сохранить для себя
do-unsave = Убрать из сохранённого
unread-said = Отмечено непрочитанным
do-unread = Непрочитано отсюда
do-quote = Цитировать
do-forward = Переслать
do-copy-link = Копировать ссылку
do-copy-address = Копировать адрес под указателем
do-select = Выделить
forward-to = Кому переслать
link-go = Перейти к сообщению по ссылке
link-nowhere = Это сообщение в беседе, в которой вас нет.
marked = { $count ->
    [one] Выделено { $count } сообщение
    [few] Выделено { $count } сообщения
   *[many] Выделено { $count } сообщений
}
marked-drop = Снять выделение
emoji-search = Эмодзи по имени
details-held = Где лежит
details-read = Прочитали
details-history = Как менялось
details-device = Устройство автора
details-number = запись № { $count }
details-signature = Подпись
details-signed = Ed25519, проверена при получении на этом компьютере
details-epoch = Ключ эпохи
pins = Закреплённое
pins-none = Здесь ничего не закреплено. Закрепляют в меню сообщения.
jump-date = Перейти к дате
month-before = Прошлый месяц
month-after = Следующий месяц
in-month-1 = Январь
in-month-2 = Февраль
in-month-3 = Март
in-month-4 = Апрель
in-month-5 = Май
in-month-6 = Июнь
in-month-7 = Июль
in-month-8 = Август
in-month-9 = Сентябрь
in-month-10 = Октябрь
in-month-11 = Ноябрь
in-month-12 = Декабрь
weekday-1 = пн
weekday-2 = вт
weekday-3 = ср
weekday-4 = чт
weekday-5 = пт
weekday-6 = сб
weekday-7 = вс
find-hint = Найти в этой беседе
find-none = нет
find-before = Более ранняя находка
find-after = Более поздняя находка
inbox-waiting = Не прочитано
inbox-calls = Вас позвали
inbox-threads = Обсуждения с вами
inbox-no-threads = Обсуждений с вашим участием пока нет.
state-leaving = Удаляется…
retract-soon = { $count ->
    [one] Сообщение исчезнет у всех через { $count } секунду
    [few] Сообщение исчезнет у всех через { $count } секунды
   *[many] Сообщение исчезнет у всех через { $count } секунд
}
undo = Вернуть
do-later = Отправить позже
later-list = Отложенное
later-none = Ничего не отложено. Часы рядом с кнопкой отправки откладывают сообщение.
later-how = Уйдёт с этого компьютера в назначенное время, пока Артель на нём открыта; если нет, то сразу, как откроется.
later-said = Отложено. Список: меню организации, «Отложенное»
later-dropped = Больше не отложено
later-hour = Через час
later-evening = Сегодня вечером
later-tomorrow = Завтра утром
later-monday = В понедельник утром
later-when = Или время: 14:30, 25.11 9:00
later-bad = Нужно время, которое ещё не прошло.
later-do = Отложить
later-move = Другое время
later-edit = Править
later-now = Отправить сейчас
later-drop = Не отправлять

# Старт, ссылки, сбой
settings-damaged = Настройки окна не прочитались, начаты заново. Старый файл: { $name }
crash-report = В прошлый раз Artel завершился из-за ошибки. Отчёт без ваших текстов лежит здесь: { $name }
crashed = Artel завершился из-за своей ошибки. Из отправленного ничего не пропало. Отчёт без ваших текстов лежит здесь: { $name }
crashed-early = Artel завершился из-за своей ошибки.
link-already-in = Эта ссылка — приглашение, а этот компьютер уже в организации.

# Клавиатура
select-row = Выделить сообщение: { $name }
key-region = К списку бесед, к сообщениям, к полю ввода
key-reply = Ответить на последнее сообщение, в пустом поле
key-quit = Завершить программу
key-row = На сообщении: обсуждение, реакция, править, цитировать, переслать, закрепить, сохранить, непрочитанное отсюда, копировать, удалить
forward-said = Переслано

# Первые шаги и основание
tour = Первые шаги
tour-text = Пять дел, с которых удобно начать. Каждое отметится само, когда вы его сделаете.
tour-row = Первые шаги: { $name } из 5
tour-done = { $name }: сделано
tour-away = Больше не предлагать
tour-channel = Создать канал
tour-channel-how = Плюс возле слова «Каналы» слева. Кто создаёт каналы, решает организация: обычно администраторы и руководители команд.
tour-mention = Позвать коллегу
tour-mention-how = Наберите @ и первые буквы имени, затем Enter: человек получит уведомление.
tour-search = Найти сообщение
tour-search-how = Ctrl+Shift+F, затем слово в любой форме.
tour-thread = Ответить в обсуждении
tour-thread-how = Наведите указатель на сообщение и нажмите стрелку ответа, или Shift+↑ в пустом поле.
tour-quiet = Не беспокоить
tour-quiet-how = Щёлкните своё имя слева внизу, или наберите /не-беспокоить 1ч.
template = С чего начать
template-one = С одного канала
template-office = С команд и каналов небольшой фирмы
template-office-list = Продажи: сделки, клиенты; Маркетинг: реклама, вебинары; Бухгалтерия: счета; ИТ: помощь
edge-places = Ширина списка мест
edge-thread = Ширина обсуждения
finding-ok = в порядке
finding-warning = обратите внимание
check-lost = Повреждения
check-network = Сеть
check-colleagues = Коллеги
check-owners = Владельцы
check-administrators = Администраторы
check-certificate = Сертификат

# Groups
gather-how = Нажатие на имя открывает личную переписку. Плюс или Shift+Enter в поле собирают нескольких в группу.
gather-take = В группу: { $name }
gather-drop = Не в группу: { $name }
gather-write = Написать группе
gather-too-many = В группе не больше восьми человек вместе с вами. Для большего числа создайте канал.

# Приглашения
invite-no-team = Нет
invite-until = Срок визита
invite-until-week = Неделя
invite-until-month = Месяц
invite-until-quarter = Три месяца
invite-until-never = Без срока
invite-spaces = Каналы, которые читает гость
invite-good-until = Действует один раз, до: { $name }.
invite-copy-link = Скопировать ссылку
invite-save-file = Сохранить файлом
invite-file-text = Приглашение в Artel. Откройте Artel, выберите «У меня есть код» и перетащите этот файл в окно. Файл сработает один раз у любого, кто его получит: передайте его надёжно.
invitation-open = Открыть файл приглашения
invitation-read = Прочитать
invitation-how = Вместо кода можно вставить ссылку, а файл — перетащить в окно.
invitation-none = В этом файле нет приглашения.
file-not-written = Не сохранено. Такой файл уже есть, или записать туда нельзя: { $name }

# Поздно пришедшие
came-late = пришло поздно
came-late-at = Пришло на этот компьютер лишь { $when }, когда вы уже читали дальше
came = Пришло сюда

# Слова корня
phrase-ask = Три слова из двадцати четырёх
phrase-ask-how = Наберите их со своей бумаги. Лишь после этого организация будет основана.
phrase-word = Слово { $name }
phrase-wrong = Одно из слов другое. Сверьте с бумагой.
phrase-again = Показать слова ещё раз

# Права
role-archivist = открывает архивы ушедших
role-sure = Дать эту роль? { $name }
role-give = Да, дать
role-keep = Нет
team-leads = Руководит командой «{ $name }»
roster-moderated = Участников этого канала меняет его создатель.

# Прежде чем сделать
leave-sure = Покинуть «{ $name }»?
leave-private = Вернуть вас сможет только участник.
leave-public = Канал останется в списке, войти можно снова.
risky = Этот файл может что-то запустить
risky-how = Открытый, он может изменить или отправить что угодно на этом компьютере. Открывайте, только если знаете, что это, и ждали его от этого человека.
risky-open = Всё равно открыть
file-not-opened = Не открыто: для него нет программы, или она не смогла. { $name }
file-not-shown = Папку не удалось показать. { $name }
file-not-copied = Не скопировано: буфер обмена недоступен. { $name }
draft-too-long = Этот текст длиннее 60 КиБ и как черновик не сохраняется. Отправить его можно; до тех пор держите копию.

# Тревоги
finding-error = с этим надо разобраться
store-is-damaged = повреждено
alarm-fork = Компьютер записал две записи на одно место: его скопировали, или он обманывает. Спросите владельца и отключите его.
alarm-void-act = Кто-то попытался сделать то, на что нет прав; это не подействовало.
alarm-own-log-behind = Коллеги знают о записях этого компьютера больше, чем он сам: это старая копия, или рядом работает другая.
alarm-wrong-recipients = Ключ выдан не тем компьютерам.
invite-life = Срок действия кода
until-day = до { $name }
days = { $count ->
    [one] { $count } день
    [few] { $count } дня
   *[many] { $count } дней
}
invite-by-mail = Отправить почтой
invite-mail-subject = Приглашение в { $name }: Artel
invite-mail-text = Вас приглашают в { $name } — рабочий мессенджер Artel. Установите Artel и откройте ссылку; нужна сеть офиса:
invite-mail-code = Если ссылка не открывается, выберите в Artel «У меня есть код» и введите:
name-alike = Есть похожее имя: { $email }
not-here-twin = не в этой беседе
mention-count = { $count ->
    [one] { $count } упоминание
    [few] { $count } упоминания
   *[many] { $count } упоминаний
}
rights-calls = Кто может звать всех через @канал и @тут, во всех каналах
calls-admins = Администраторы
calls-leads = И руководители команд
calls-members = Все
rights-calls-admins = Всех сразу (@канал, @тут) здесь зовут администраторы.
rights-calls-leads = Всех сразу (@канал, @тут) здесь зовут администраторы и руководители команд.
rights-calls-members = Всех сразу (@канал, @тут) здесь может позвать каждый.
