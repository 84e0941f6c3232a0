//! Pairs of a query and a text: what a person expects to find, in both languages, before and after the commit.

use super::*;

/// Query, text that it finds.
const FOUND: &[(&str, &str)] = &[
    ("договор", "Мы работаем с договорами"),
    ("договорами", "подписан договор"),
    ("договору", "Приложение к Договорам № 5"),
    ("ДОГОВОР", "договор"),
    ("елки", "Купили ёлку"),
    ("ёлка", "елки уже стоят"),
    ("ёл*", "елки уже стоят"),
    ("подъемн*", "сломан подъёмник"),
    ("ёлка", "Е\u{308}лка (разложенная)"),
    ("отчет", "Отчёт готов"),
    ("отчёты", "жду отчета"),
    ("счёт", "выставили счета"),
    ("счёт-фактура", "Где счета-фактуры за май?"),
    ("счет-фактура", "счёт‑фактура с неразрывным дефисом"),
    ("фактура", "нужна счёт-фактура"),
    ("счёт", "нужна счёт-фактура"),
    ("192.168.10.4", "сервер 192.168.10.4 не отвечает"),
    ("192.168.10.4", "http://192.168.10.4:8080/login"),
    ("192.168", "сервер 192.168.10.4 не отвечает"),
    ("10.4", "сервер 192.168.10.4"),
    ("168", "сервер 192.168.10.4"),
    ("АРТ-4471", "Заявка АРТ-4471 закрыта"),
    ("арт-4471", "Заявка АРТ-4471 закрыта"),
    ("4471", "Заявка АРТ-4471 закрыта"),
    ("арт", "Заявка АРТ-4471 закрыта"),
    ("АРТ4471", "Заявка АРТ-4471 закрыта"),
    ("АРТ-4471", "артикул арт4471"),
    ("№4471", "заявка 4471"),
    ("ghbdtn", "Всем привет!"),
    ("j,obq", "общий сбор"),
    ("GHBDTN", "привет"),
    ("ljujdjh", "договоры"),
    ("руддщ", "hello everyone"),
    ("отчёт pf vfq", "отчёт за май"),
    ("'nf;", "пятый этаж"),
    ("договор аренды", "аренда: договор у юриста"),
    ("аренды договор", "договор аренды"),
    ("\"договор аренды\"", "новый договор аренды офиса"),
    ("«договор аренды»", "новые договоры аренды"),
    ("\"договор аренды\" офис", "в офисе лежит договор аренды"),
    ("догов*", "расторгли договорённость"),
    ("организаци*", "наша организация растёт"),
    ("организация*", "наша организация растёт"),
    ("АРТ-44*", "Заявка АРТ-4471 закрыта"),
    ("192.168.1*", "сервер 192.168.10.4"),
    ("счёт-фак*", "счёт-фактура"),
    ("\"договор арен\"*", "договор аренды"),
    ("a3*", "commit a3f9c2d1e7"),
    ("a3f9*", "commit a3f9c2d1e7"),
    ("a3f9c2d1e7", "commit a3f9c2d1e7"),
    ("meeting", "All meetings are cancelled"),
    ("meetings", "one meeting"),
    ("running", "it runs"),
    ("connections", "connected"),
    ("Invoice", "INVOICES"),
    ("company", "the company's report"),
    ("don't", "don't do it"),
    ("deploy*", "deployment failed"),
    ("snake", "see snake_case_name"),
    ("snake_case", "see snake_case_name"),
    ("ivan@firma.ru", "пишите на Ivan@firma.ru"),
    ("firma.ru", "пишите на Ivan@firma.ru"),
    ("v2", "выпустили v2.1"),
    ("2024-05-17", "встреча 2024-05-17 в 10:00"),
    ("10:00", "встреча 2024-05-17 в 10:00"),
    ("5 шт", "взять 5шт"),
    ("сотрудник", "с новыми сотрудниками"),
    ("сделано", "сделана половина"),
    ("проверить", "проверил и проверю"),
    ("красивый", "красивые картинки"),
    ("разработчики", "спросите разработчика"),
    ("москва", "поездка в Москву"),
    ("PDF", "вложен PDF-файл"),
    ("файл", "вложен PDF-файл"),
    ("перенос", "пере\u{ad}нос"),
    ("йод", "и\u{306}од"),
    ("замок", "за\u{301}мок"),
    ("Müller", "Herr Müller"),
    ("日本", "日本 へ"),
    ("c++", "пишем на C++"),
    ("(срочно)", "это срочно!!!"),
    ("-договор", "договор"),
    ("накладная", "нет накладной на складе"),
    ("накладные", "две накладных"),
    ("акт", "подпишите акты сверки"),
    ("сверка", "подпишите акты сверки"),
    ("платёж", "платежа ещё нет"),
    ("платежи", "платёж ушёл"),
    ("бухгалтерия", "спросите в бухгалтерии"),
    ("бухгалтер", "нашему бухгалтеру"),
    ("зарплата", "зарплату перечислили"),
    ("отпуск", "до отпуска неделя"),
    ("больничный", "на больничном до пятницы"),
    ("склад", "всё на складе"),
    ("поставка", "сроки поставки сдвинулись"),
    ("поставщик", "письмо поставщикам"),
    ("заявка", "по вашей заявке"),
    ("заказ", "заказов стало больше"),
    ("клиент", "клиентам отправлено"),
    ("встреча", "перенесли встречу"),
    ("совещание", "на совещании решили"),
    ("понедельник", "к понедельнику сделаем"),
    ("пятница", "в пятницу уходим раньше"),
    ("сервер", "сервером займёмся завтра"),
    ("принтер", "принтеры не печатают"),
    ("пароль", "пароли поменяли"),
    ("обновление", "после обновлений всё хорошо"),
    ("ошибка", "ошибки в отчётах"),
    ("смета", "смету согласовали"),
    ("печать", "без печати не берут"),
    ("подпись", "нужны две подписи"),
    ("юрист", "отдайте юристам"),
    ("директор", "у директора"),
    ("охрана", "пропуск у охраны"),
    ("курьер", "курьером в обед"),
    ("ремонт", "после ремонта"),
    ("этаж", "на третьем этаже"),
    ("переговорная", "в переговорной холодно"),
    ("ключи", "оставил ключ"),
    ("машина", "машину подадут к девяти"),
    ("НДС", "итого без ндс"),
    ("ИНН", "пришлите инн"),
    ("1С", "ошибка в 1с"),
    ("1 284 500", "итого 1 284 500 рублей"),
    ("15.03", "срок 15.03.2026"),
    ("report", "two reports are late"),
    ("reports", "the report is late"),
    ("contract", "contracts were signed"),
    ("signed", "please sign here"),
    ("delivery", "deliveries on Monday"),
    ("customer", "customers are waiting"),
    ("payment", "payments arrived"),
    ("printer", "the printers are out of paper"),
    ("updates", "an update is ready"),
    ("error", "errors in the log"),
    ("holiday", "before the holidays"),
    ("offices", "at the office"),
    ("key", "who has the keys"),
    ("ИЗВЕСТИЕ", "известия с третьего этажа"),
    ("gfhjkm", "сменил пароль"),
    ("cxtn", "счёт оплачен"),
    ("ыукмук", "the server is up"),
    ("АБВГ.468*", "чертёж АБВГ.468121.001"),
    ("записи", "запись совещания"),
    ("опись", "по описи всё на месте"),
    ("память", "на память и в памяти"),
    ("кровать", "две кровати в медпункте"),
    ("тетради", "тетрадь учёта"),
    ("область", "в Московской области"),
    ("часть", "первая часть из трёх частей"),
    ("скатерть", "скатерти в переговорную"),
    ("нефть", "цены на нефти"),
    ("новость", "хорошие новости"),
    ("очередь", "без очереди"),
    ("писать", "он пишет, а я писал"),
    ("начать", "начали вовремя"),
    ("договориться", "мы договорились"),
    ("https://wiki.local/ntp", "см. https://wiki.local/ntp-incident"),
    ("ntp-incident", "см. https://wiki.local/ntp-incident"),
    ("#релиз", "обсудим #релиз сегодня"),
    ("@anna", "спросите @anna"),
];

/// Query, text that it must not find.
const NOT_FOUND: &[(&str, &str)] = &[
    ("договор", "разговор"),
    ("\"договор аренды\"", "аренды договор"),
    ("\"договор аренды\"", "договор новой аренды"),
    ("договор аренды", "договор поставки"),
    ("192.168.10.4", "сервер 192.168.4.10"),
    ("192.168.10.4", "сервер 192.168.10.5"),
    ("АРТ-4471", "АРТ-4472"),
    ("АРТ-4471", "4471 АРТ"),
    ("АРТ-44", "АРТ-4471"),
    ("счёт-фактура", "счёт за фактуру"),
    ("догов", "договор"),
    ("meet*", "met"),
    ("ghbdtn", "до свидания"),
    ("кот", "который"),
    ("!!!", "срочно!!!"),
    ("организацией*", "организатор"),
];

/// All texts in one index: tail first, then committed. The pair's own text is among the hits, or is not.
#[test]
fn pairs() {
    let home = tempfile::tempdir().unwrap();
    let search = complete(home.path());
    let pairs: Vec<_> = FOUND.iter().chain(NOT_FOUND).collect();
    assert!(150 <= pairs.len());
    for (number, (_, text)) in (0..).zip(&pairs) {
        search.add(message(number, text)).unwrap();
    }
    let mut wrong = Vec::new();
    for place in ["tail", "index"] {
        for (number, (query, text)) in (0..).zip(&pairs) {
            let absent = u64::try_from(FOUND.len()).unwrap() <= number;
            let hits = find(&search, query).hits;
            if absent == hits.iter().any(|it| it.id == id(number)) {
                wrong.push(format!("{query:?} in {text:?} ({place})"));
            }
        }
        search.flush().unwrap();
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn tail_and_index_find_the_same() {
    let home = tempfile::tempdir().unwrap();
    let search = complete(home.path());
    for (number, (_, text)) in (0..).zip(FOUND.iter().chain(NOT_FOUND)) {
        search.add(message(number, text)).unwrap();
    }
    let mut beginnings = std::collections::BTreeSet::new();
    for (query, text) in FOUND.iter().chain(NOT_FOUND) {
        let ends = query.char_indices().map(|(at, _)| at);
        beginnings.extend(ends.filter_map(|it| query.get(..it)));
        beginnings.extend([query, text]);
    }
    let answers = || {
        let ask = |text: &&str| {
            [LastWord::Whole, LastWord::Beginning]
                .map(|last_word| search.search(&Request { last_word, ..look(text) }).unwrap())
        };
        beginnings.iter().map(|it| (it, ask(it))).collect::<Vec<_>>()
    };
    let tail = answers();
    search.flush().unwrap();
    for ((text, tail), (_, index)) in tail.iter().zip(answers()) {
        assert_eq!(*tail, index, "{text:?}");
    }
}

#[test]
fn the_last_word_goes_on_only_while_it_is_typed() {
    let home = tempfile::tempdir().unwrap();
    let search = complete(home.path());
    search.add(message(1, "Подготовить договорённости")).unwrap();
    for _ in ["tail", "index"] {
        let typing = |text| Request { last_word: LastWord::Beginning, ..look(text) };
        check(&search, &typing("дого"), &[1]);
        check(&search, &typing("подготовить д"), &[1]);
        check(&search, &typing("дого "), &[]);
        check(&search, &typing("дого подготовить"), &[]);
        check(&search, &look("дого"), &[]);
        search.flush().unwrap();
    }
}

#[test]
fn the_other_layout_is_named_and_only_tried_when_nothing_is_found() {
    let home = tempfile::tempdir().unwrap();
    let search = complete(home.path());
    search.add(message(1, "привет")).unwrap();
    assert_eq!(find(&search, "ghbdtn").read_as.as_deref(), Some("привет"));
    assert_eq!(find(&search, "привет").read_as, None);
    assert_eq!(find(&search, "ghbdtnbr").read_as, None);
    search.add(message(2, "ghbdtn")).unwrap();
    check(&search, &look("ghbdtn"), &[2]);
}
