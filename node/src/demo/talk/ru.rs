//! The office in Russian.

use super::{Colleague, Said, Script, said};

pub(super) static SCRIPT: Script = Script {
    company: "ООО Ромашка",
    domain: "romashka.example",
    visitor: ("Анна Соколова", "sokolova@romashka.example"),
    colleagues: [
        Colleague {
            name: "Михаил Орлов",
            email: "orlov@romashka.example",
            answers: &["Принято, сделаю сегодня.", "Понял. Проверю на складе и напишу сюда.", "Отлично, спасибо 👍"],
        },
        Colleague {
            name: "Ольга Ким",
            email: "kim@romashka.example",
            answers: &["Согласна. Внесу в **план на неделю**.", "Да, документы уже готовы.", "Хорошо, жду до 18:00."],
        },
        Colleague {
            name: "Emma Novak",
            email: "novak@romashka.example",
            answers: &["Sounds good to me.", "I'll take this one.", "Done, see the thread."],
        },
    ],
    teams: ["Продажи", "Разработка"],
    channels: [
        ("общий", None),
        ("бухгалтерия", None),
        ("склад", None),
        ("сделки", Some("Продажи")),
        ("релиз-0.9", Some("Разработка")),
        ("поддержка", Some("Разработка")),
    ],
    topic: "Выпуск 0.9: пилот в бухгалтерии и на складе",
    talk: [
        said(
            0,
            "общий",
            "Коллеги, доброе утро! Сегодня выкатываем **сборку 0.9.2** на пилотную группу: 14 рабочих мест в бухгалтерии и на складе.",
        ),
        said(1, "общий", "Беру на себя склад. Сеть там медленная, поэтому сначала проверю синхронизацию через `LAN`."),
        Said {
            liked: true, ..said(3, "общий", "The installer is 11 MB now, down from 38 MB. Nice work everyone 🎉")
        },
        said(
            2,
            "общий",
            "Нашла причину: сервер времени на 192.168.10.4 отстаёт на *7 минут*. Подробности: https://wiki.romashka.example/ntp",
        ),
        Said {
            discussed: true,
            ..said(
                1,
                "общий",
                "Вот где терялось обновление:\n```rust\nfn merge(&mut self, remote: &Clock) -> Outcome {\n    // the last writer wins\n    let before = self.clock.clone();\n    self.clock.join(remote);\n    if before == self.clock { Outcome::Noop } else { Outcome::Applied }\n}\n```",
            )
        },
        said(
            2,
            "общий",
            "@sokolova@romashka.example посмотри, пожалуйста, раздел «Права доступа»: нужны три роли\n- владелец\n- администратор\n- участник",
        ),
        said(
            2,
            "бухгалтерия",
            "Смета по оборудованию согласована. Итого 1 284 500 ₽ без НДС, срок поставки 3–4 недели.",
        ),
        said(1, "бухгалтерия", "Счёт-фактуру пришлю завтра утром."),
        said(1, "склад", "Приёмка в 11:00, нужны двое."),
        said(3, "релиз-0.9", "Build `main@4f1c9e2` passed: 1842 tests, 0 failures."),
        said(2, "@sokolova@romashka.example", "Анна, отчёт за октябрь готов. Посмотришь до обеда?"),
        said(
            1,
            "@sokolova@romashka.example",
            "Привет! Напиши мне или в любой канал, я отвечу: мой узел работает в этой же программе.",
        ),
    ],
    thread: [
        (2, "Похоже на гонку: `join` вызывается дважды. Поймала тестом на трёх узлах."),
        (3, "Good catch! Dedup by `(peer, seq)` before merging should be enough."),
    ],
};
