"""The texts on which the tokenizers are held against Python, and what they are trained on. Our own words throughout."""
import json, os

HERE = os.path.dirname(os.path.abspath(__file__))


def corpus():
    """A few hundred lines: our stories and some lines in other scripts, code and numbers."""
    lines = [json.loads(line)["text"] for line in open(HERE + "/../../datasets/stories.jsonl", encoding="utf-8")][:150]
    more = [
        "Der Bär läuft über die Brücke, und die Möwen schreien laut.", "Où est l'été? Il est déjà passé, hélas.",
        "Мама мыла раму, а папа читал газету.", "彼は毎日本を読みます。", "我们昨天去了图书馆，今天在家。", "오늘은 날씨가 좋습니다.",
        "def f(x):\n    return x + 1\n", "for i in range(10):\n\tprint(i)\n", "They're sure we've seen it; I'll go, he'd not. It's John's.",
        "1234567890 3.14159 2,718 1e-10 0x1F", "مرحبا بالعالم", "שלום עולם", "नमस्ते दुनिया", "Tiếng Việt có dấu.", "naïve café résumé façade",
        "😀 😃 👍🏽 🇩🇪 👩‍👩‍👧‍👦", "a  b   c    d", "HELLO World HeLLo", "don't DON'T Don't", "x = {'a': [1, 2], 'b': (3,)}", "ﬁne ﬂow ½ ① Å ｶﾞ",
    ]
    return lines + more * 8


TEXTS = [
    "", " ", "  ", "   ", "\n", "\n\n", "\r\n", "\t", " \n ", "a", " a", "a ", " a ", "  a  b  ", "A b\tc\n d", "a\u00a0b", "a\u3000b", "a\u2003b",
    "a\u2028b\u2029c", "a\u0085b", "a\u200bb", "\ufeffa", "a\ufeffb", "a\x00b", "\x00", "\x01\x02\x7f", "a\u00adb",
    "Hello world", "hello, world!", "Hello World. How are you?", "They're sure we've seen it; I'll go, he'd not. It's John's.",
    "DON'T Don't don’t dont", "x'S X'LL 'Re", "Once upon a time there was a little bear.", "the quick brown fox jumps over the lazy dog",
    "1", "12", "123", "1234", "12345678901234567890", "3.14159", "1,000,000", "٣٤٥", "½ ⅔ Ⅷ ①", "x²+y³=z⁴", "2024-01-31T12:00:00Z",
    "ABCdefGHI", "camelCaseWord", "snake_case_word", "kebab-case-word", "UPPER lower Title", "a.b.c", "...", "!!!???", "--==++", "(a)[b]{c}<d>",
    "def f(x):\n    return x + 1\n", "if (a && b) {\n\treturn;\n}\n\n\n", "http://example.org/a?b=c&d=%20e#f", "me@example.org", "C:\\dir\\file.txt",
    "é", "e\u0301", "café", "cafe\u0301", "\u0301", "a\u0300\u0301\u0302", "Å", "A\u030a", "\u212b", "ﬁne ﬂow", "ｆｕｌｌ　ｗｉｄｔｈ", "ｶﾞ", "\u1100\u1161\u11a8", "각",
    "ß ẞ ſ", "İı", "ΑΒΓ αβγς", "Мама мыла раму", "彼は毎日本を読みます。", "我们昨天去了图书馆，今天在家。", "日本語 と English", "오늘은 날씨가 좋습니다.", "ไทยไม่มีช่องว่าง",
    "مرحبا بالعالم", "שלום עולם", "नमस्ते दुनिया", "Tiếng Việt có dấu", "தமிழ்", "ꙮ𐍈𝒳", "𠮷野家",
    "😀", "😀😃", "👍🏽", "🇩🇪", "👩‍👩‍👧‍👦", "a😀b", "😀 a", "❤️", "☎︎", "\U0010ffff", "\ue000", "\ufffd", "\ufffe",
    "▁", "▁▁", "a▁b", "▁a", "Ġ", "Ġhello", "Ċ", "<0x41>", "<0x0A>", "##ing", "</w>",
    "<s>", "</s>", "<unk>", "<pad>", "<s>a", "<s> a", " <s>a", "a<s>", "a <s> b", "<s><s>a", "a</s>b</s>", "<S>", "< s>", "<s",
    "<mask>", "a <mask> b", "a  <mask>  b", "a<mask>b", "word", "a word b", "awordb", "word.", "Ünïq ünïq", "a ünïq b", "<|im|>", "a<|im|>b", "x <|im|> y", "<tool>", "a<tool>b <tool> c",
    "Hello <s>.", "Hello <tool>.", "    indented", "a    b", "a     b", "trailing    ", "\n\n\na\n\n", "a\r\nb\r\n", " \t \n \r ", "a \n\n b",
]

LONG = [("a", 5000), (" ", 3000), ("\n", 2000), ("ab ", 4000), ("The little bear went home. ", 400), ("日本", 1500), ("😀", 800), ("e\u0301", 1000), ("1", 3000), ("a \n", 1500), ("<s>x", 500), ("é ", 1000)]
