//! Russian.

use super::{Door, Label, Lang, Say};
use crate::client::{ErrorKind, Fact, Transfer};
use crate::vault::PasswordFlaw;

/// Units of sizes, each a thousand of the one before.
pub(super) const UNITS: [&str; 5] = ["Б", "КБ", "МБ", "ГБ", "ТБ"];

pub(super) fn cause(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Usage => "Команда составлена неверно",
        ErrorKind::NoHome => "Здесь ещё нет организации",
        ErrorKind::HomeTaken => "Здесь уже есть организация",
        ErrorKind::NotFound => "Под таким именем ничего нет",
        ErrorKind::Ambiguous => "Имя подходит не к одному",
        ErrorKind::NotPermitted => "Ваша роль этого не позволяет",
        ErrorKind::ForeignDomain => "Адрес не из почтовых доменов организации",
        ErrorKind::WrongPassword => "Неверный пароль",
        ErrorKind::NoKeyFile => "Этот дом открывается паролем вместе с ключевым файлом",
        ErrorKind::WeakPassword => "Пароль слишком слабый",
        ErrorKind::Locked => "Артель заперта",
        ErrorKind::NoPassword => "Нужен пароль, а спросить его не на чем: нет терминала",
        ErrorKind::HomeBusy => "Этот дом открыт другой программой",
        ErrorKind::NotRunning => "На этом доме не запущен узел",
        ErrorKind::NoContact => "За отведённое время никто не отозвался",
        ErrorKind::NoKey => "Ключ этого канала ещё не пришёл",
        ErrorKind::Refused => "Другая сторона отказала",
        ErrorKind::CodeMistyped => "В коде опечатка",
        ErrorKind::CodeRefused => "Код неизвестен, использован, отменён или от другой организации",
        ErrorKind::CodeExpired => "Срок кода истёк",
        ErrorKind::WrongPhrase => "Неверная фраза восстановления",
        ErrorKind::BadText => "Текст или имя пусты либо слишком длинны",
        ErrorKind::StoreFull => "Диск заполнен, ничего не записано",
        ErrorKind::QuotaFull => "Файлы заняли бы на этом устройстве больше, чем разрешено",
        ErrorKind::Cancelled => "Отменено",
        ErrorKind::StoreDamaged => "Хранилище повреждено",
        ErrorKind::NewerHome => "Этот дом записан более новой Артелью; в нём ничего не тронуто",
        ErrorKind::PortInUse => "Этот порт уже слушает другая программа",
        ErrorKind::NoNetwork => "Нет ни одного пригодного сетевого интерфейса",
        ErrorKind::File => "Файл не читается или не записывается",
        ErrorKind::Internal => "Внутри Артели что-то пошло не так",
    }
}

pub(super) fn next_step(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Usage => "Что она принимает, показывает --help.",
        ErrorKind::NoHome => "Основать её — `org create`, войти в неё — `join`; проверьте --home.",
        ErrorKind::HomeTaken => "Выберите другой каталог через --home.",
        ErrorKind::NotFound => "Посмотрите в `channel list`, `person list` или `read`.",
        ErrorKind::Ambiguous => "Напишите подробнее: КОМАНДА/КАНАЛ или номер целиком.",
        ErrorKind::NotPermitted => "Обратитесь к администратору организации.",
        ErrorKind::ForeignDomain => "Возьмите адрес корпоративной почты.",
        ErrorKind::WrongPassword => {
            "Проверьте раскладку и Caps Lock, а если есть ключевой файл, то и его, и повторите."
        }
        ErrorKind::NoKeyFile => "Вставьте флешку и укажите файл в --key-file или ARTEL_KEY_FILE.",
        ErrorKind::WeakPassword => "Возьмите длиннее: лучше всего несколько не связанных слов.",
        ErrorKind::Locked => "Отоприте командой `unlock`.",
        ErrorKind::NoPassword => "Укажите --password-file или ARTEL_PASSWORD_FILE.",
        ErrorKind::HomeBusy => "Подождите немного или завершите ту программу.",
        ErrorKind::NotRunning => "Запустите его: `artel-node run`.",
        ErrorKind::NoContact => {
            "Проверьте, что у коллеги в этой сети включена Артель, или назовите его: --at ХОСТ:ПОРТ."
        }
        ErrorKind::NoKey => "Он придёт сам, когда включится участник канала.",
        ErrorKind::Refused => "Обратитесь к администратору, который вас пригласил.",
        ErrorKind::CodeMistyped => "Скопируйте его ещё раз, целиком.",
        ErrorKind::CodeRefused => "Попросите у администратора новый код.",
        ErrorKind::CodeExpired => "Попросите у администратора новый код.",
        ErrorKind::WrongPhrase => "Сверьте слова и их порядок с бумагой.",
        ErrorKind::BadText => "Сократите или отправьте частями.",
        ErrorKind::StoreFull => "Освободите место на диске и повторите.",
        ErrorKind::QuotaFull => "Удалите лишние: `file remove`, или разрешите больше: `file storage --quota`.",
        ErrorKind::Cancelled => "Повторите: то, что уже пришло, сохранено.",
        ErrorKind::StoreDamaged => "Запустите `doctor`; что есть у коллег, придёт снова.",
        ErrorKind::NewerHome => "Обновите Артель на этом компьютере.",
        ErrorKind::PortInUse => "Выберите другой через --listen или не указывайте его.",
        ErrorKind::NoNetwork => "Подключитесь к сети и повторите.",
        ErrorKind::File => "Проверьте путь и права на него.",
        ErrorKind::Internal => "Подробности в журнале: задайте ARTEL_LOG=debug и повторите.",
    }
}

pub(super) fn say(what: &Say<'_>) -> String {
    match *what {
        Say::Done => "Готово.".into(),
        Say::Nothing => "Ничего нет.".into(),
        Say::SentTo { devices } => format!("Отправлено: сейчас на связи {}.", count(devices, DEVICES)),
        Say::SentQueued => "В очереди: уйдёт, как только у кого-то из коллег включится Артель.".into(),
        Say::SentNoNode => "Записано, в очереди: уйдёт, когда здесь запустится Артель (`artel-node run`).".into(),
        Say::Queued => "в очереди".into(),
        Say::Held { devices } => format!("получено: {devices}"),
        Say::Read { people } => format!("прочитано: {people}"),
        Say::Retracted => "(удалено)".into(),
        Say::Hidden => "(скрыто: у автора не было на это права или его уже исключили)".into(),
        Say::Forgotten => "(забыто: срок хранения вышел)".into(),
        Say::Vouched => "подтверждено коллегой".into(),
        Say::NeedsNewer => "(нужна более новая Артель)".into(),
        Say::Edited => "изменено".into(),
        Say::Pinned => "закреплено".into(),
        Say::Ahead => "часы спешат".into(),
        Say::InThread { id } => format!("в ветке {id}"),
        Say::TextBack => "Ваш текст:".into(),
        Say::Connected { devices } => format!("на связи {}", count(devices, DEVICES)),
        Say::Entries { entries } => count(entries, ENTRIES),
        Say::NotYetHeld { entries } => format!("{} пока только здесь", count(entries, ENTRIES)),
        Say::Lost { entries } => format!("{} потеряно", count(entries, ENTRIES)),
        Say::Locked => "Заперто.".into(),
        Say::SealedAlready => "Узел не запущен: всё и так запечатано.".into(),
        Say::Unlocked => "Открыто.".into(),
        Say::Written { file, size } => format!("Записано: {file}, {size}."),
        Say::Restored => "Восстановлено. Запустите `artel-node run`: недостающее придёт от коллег.".into(),
        Say::Running { listening } => format!("Работает, слушает {listening}. Завершить — Ctrl+C."),
        Say::Stopping => "Завершается.".into(),
        Say::WaitingForHome => "Этот дом открыт другой программой, жду её.".into(),
        Say::Transfer(it) => transfer(it),
        Say::Attached(it) => {
            let here = if it.state == "here" { ", здесь" } else { "" };
            format!("файл: {}, {}{here}, {}", it.name, Lang::Ru.size(it.size), it.id)
        }
        Say::FileStorage(it) => {
            let [taken, free] = [it.bytes, it.free].map(|it| Lang::Ru.size(it));
            match it.quota {
                0 => format!("Файлы занимают {taken}, без предела; на диске свободно {free}."),
                quota => format!("Файлы занимают {taken} из {}; на диске свободно {free}.", Lang::Ru.size(quota)),
            }
        }
    }
}

fn transfer(it: &Transfer) -> String {
    let [done, size, rate] = [it.bytes, it.size, it.rate].map(|it| Lang::Ru.size(it));
    match (it.state.as_str(), &it.path) {
        ("done", Some(path)) => format!("Сохранено: {path}"),
        ("waiting", _) => format!("{}: {done} из {size}, ждём коллегу, у которого он есть", it.name),
        ("running", _) => format!("{}: {done} из {size}, {rate}/с", it.name),
        _ => format!("{}: {done} из {size}", it.name),
    }
}

pub(super) fn door(what: &Door<'_>) -> String {
    match *what {
        Door::Founded { name } => {
            format!("Организация «{name}» основана. Запуск — `artel-node run`, пригласить людей — `artel-node invite`.")
        }
        Door::PhraseFollows => {
            "Эти 24 слова — корень вашей организации. Запишите их сейчас на бумагу и храните надёжно: \
             их показывают один раз, и только они помогут, если не останется ни одного администратора."
                .into()
        }
        Door::PhraseInFile { file } => {
            format!("24 слова — в файле {file}. Напечатайте их, бумагу сохраните, файл удалите.")
        }
        Door::AskWord { at } => format!("Слово № {at} с вашей бумаги: "),
        Door::OtherWord => "Это другое слово. Посмотрите на бумагу ещё раз.".into(),
        Door::PhraseConfirmed => "Верно. Храните бумагу надёжно.".into(),
        Door::Invited { email, expires } => format!("Приглашение для {email}, действует до {expires}."),
        Door::MailHalf => "Эту вторую половину отправьте почтой, и только почтой:".into(),
        Door::HowToJoin { code } => format!("На новом компьютере: artel-node join {code}"),
        Door::JoinSearching => "Ищу офис в этой сети…".into(),
        Door::JoinCompare { words } => {
            format!("Жду подтверждения. Слова с обеих сторон должны совпасть, сверьте их по телефону: {words}")
        }
        Door::JoinAdmitted => "Приняты. Запуск — `artel-node run`.".into(),
        Door::JoinRefused => "Отказано.".into(),
        Door::AskPassword => "Пароль: ".into(),
        Door::AskNewPassword => "Новый пароль для этого устройства: ".into(),
        Door::AskPasswordAgain => "Ещё раз: ".into(),
        Door::PasswordsDiffer => "введённые пароли различаются".into(),
        Door::PasswordFlaw(PasswordFlaw::TooShort { chars, least }) => {
            format!("{}, а нужно не меньше {least}", count(chars, CHARACTERS))
        }
        Door::PasswordFlaw(PasswordFlaw::TooLong) => "слишком длинный".into(),
        Door::PasswordFlaw(PasswordFlaw::Guessable) => {
            "почти весь состоит из имён, ходовых слов и соседних клавиш".into()
        }
    }
}

pub(super) fn label(label: Label) -> &'static str {
    match label {
        Label::Organisation => "организация",
        Label::You => "вы",
        Label::Device => "устройство",
        Label::Listening => "слушает",
        Label::Colleagues => "коллеги",
        Label::Spaces => "пространства",
        Label::Queue => "очередь",
        Label::Store => "хранилище",
        Label::Clock => "часы",
        Label::Discovery => "поиск коллег",
        Label::Refused => "отклонено",
        Label::Alarms => "тревоги",
        Label::Topic => "тема",
        Label::Members => "участники",
        Label::Leads => "руководители",
        Label::Online => "на связи",
        Label::Offline => "не на связи",
        Label::ThisDevice => "это устройство",
        Label::Unread => "не прочитано",
        Label::Mentions => "упоминания",
        Label::Ok => "в порядке",
        Label::Warning => "внимание",
        Label::Problem => "ошибка",
        Label::Full => "нет места",
        Label::Rebuilding => "перестраивается",
        Label::Damaged => "повреждено",
        Label::Owner => "владелец",
        Label::Admin => "администратор",
        Label::Registrar => "регистратор",
        Label::Member => "сотрудник",
        Label::Guest => "гость",
        Label::Public => "открытый",
        Label::Private => "закрытый",
        Label::Group => "группа",
        Label::Direct => "личное",
        Label::Team => "команда",
        Label::Open => "действует",
        Label::Used => "использовано",
        Label::Cancelled => "отменено",
        Label::Expired => "истекло",
        Label::Active => "действует",
        Label::Revoked => "отозвано",
        Label::Frozen => "заморожено",
        Label::Default => "по умолчанию",
        Label::Environment => "среда",
        Label::Flag => "ключ команды",
        Label::File => "файл",
        Label::HasRead => "прочитано",
        Label::HasNotRead => "не прочитано",
        Label::Valid => "действует",
        Label::Void => "недействительно",
        Label::Waits => "ждёт более нового Artel",
        Label::ByPolicy => "политика",
        Label::Announcement => "объявления",
        Label::Archived => "в архиве",
        Label::Archive => "архив компании",
        Label::Sending => "отправка",
        Label::Fetching => "получение",
        Label::Giving => "раздача",
    }
}

pub(super) fn fact(fact: &Fact) -> String {
    match fact {
        Fact::Other => String::new(),
        Fact::Store { journal, full } => {
            let room = if *full { "диск заполнен" } else { "место есть" };
            format!("журнал {}, {room}", Lang::Ru.size(*journal))
        }
        Fact::Lost(stretches) => format!("потеряно из-за повреждений: {stretches} (участки собственных записей)"),
        Fact::Listening(at) if at.is_empty() => "адресов, по которым можно соединиться, нет".into(),
        Fact::Listening(at) => format!("слушает {}", at.join(", ")),
        Fact::Connected(devices) => format!("на связи {}", count(*devices, DEVICES)),
        Fact::ClockOff(ms) => format!("{ms} мс от середины часов тех коллег, с кем была связь"),
        Fact::Administrators(number) => format!("администраторов: {number}; двое надёжнее одного"),
        Fact::Absence { days, who } => {
            let ago =
                if *days == 0 { "сегодня".to_owned() } else { format!("{} назад", count(*days, DAYS)) };
            format!("последний раз на связи {ago}; принять и исключить людей могут: {}", who.join(", "))
        }
        Fact::Certificate(days) => format!("осталось {}; обновится сам за 60 дней до конца", count(*days, DAYS)),
        Fact::Alarms(number) => format!("тревог: {number}"),
    }
}

/// Forms of a noun after 1, after 2 to 4, and after 5 to 20.
pub(super) type Forms = [&'static str; 3];

pub(super) const DEVICES: Forms = ["устройство", "устройства", "устройств"];
const DAYS: Forms = ["день", "дня", "дней"];
const ENTRIES: Forms = ["запись", "записи", "записей"];
const CHARACTERS: Forms = ["знак", "знака", "знаков"];

/// A number with the form of its noun: 1 запись, 2 записи, 5 записей, 11 записей, 21 запись.
pub(super) fn count(number: impl TryInto<u64>, [one, few, many]: Forms) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    let form = match (number % 10, number % 100) {
        (_, 11..=14) => many,
        (1, _) => one,
        (2..=4, _) => few,
        _ => many,
    };
    format!("{number} {form}")
}
