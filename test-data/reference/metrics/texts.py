"""Our own answers and references, tricky on purpose; the same texts on every run."""

import random

PLAIN = [
    ("", ["something"]),
    ("something", ["something"]),
    ("one", ["one"]),
    ("The cat sat on the mat.", ["A cat sat on a mat"]),
    ("the the the the cat", ["the cat"]),
    ("A an the", ["the"]),
    ("The", ["a"]),
    ("...", ["The end."]),
    ("!?", ["?!"]),
    ("   ", ["blank"]),
    ("\n\n", ["line"]),
    (".", ["."]),
    ("Paris", ["paris", "Lutetia"]),
    ("It was Paris, of course.", ["London", "PARIS"]),
    ("It was Parisian", ["Paris"]),
    ("comparison", ["Paris"]),
    ("1234", ["123"]),
    ("The numbers are 123 and 456.", ["123", "456", "789", "1"]),
    ("3,120 people", ["120"]),
    ("3,120 people", ["3,120"]),
    ("12.5 percent", ["12"]),
    ("It is 12.", ["12"]),
    ("It is -12", ["12"]),
    ("from 10-12 on", ["12"]),
    ("11,12,13", ["12"]),
    ("12,000", ["12"]),
    ("don't", ["don"]),
    ("Paris's best", ["Paris"]),
    ("snake_case", ["snake"]),
    ("co-operate", ["operate"]),
    ("(b)", ["(b)"]),
    ("choice (b) it is", ["(b)"]),
    ("C++ and C#", ["C++"]),
    ("Café René's 2nd shop - opened in 1999 - isn't open.",
     ["The 2nd shop of Cafe Rene opened in 1999; it isn't open any more"]),
    ("naïve façade coöperation", ["naive facade cooperation"]),
    ("Cafe\u0301 an\u0300 a\u0301 the\u0301", ["Café an a the"]),
    ("ÉCOLE ÜBER STRASSE", ["école über straße"]),
    ("İstanbul ŞİŞLİ", ["istanbul şişli"]),
    ("ΟΔΥΣΣΕΥΣ", ["οδυσσευς"]),
    ("Москва слезам не верит", ["москва"]),
    ("北京是中国的首都。", ["北京"]),
    ("東京タワー", ["東京"]),
    ("2020年に始まった", ["2020年", "2020"]),
    ("กรุงเทพมหานคร", ["กรุงเทพ"]),
    ("서울은 수도이다", ["서울"]),
    ("x² + y² = z²", ["x²"]),
    ("½ cup", ["½"]),
    ("a\u00a0non\u2009breaking\u3000space", ["a non breaking space"]),
    ("a\u2028line\u2029separator\x85next", ["a line separator next"]),
    ("a\x1cfile\x1fseparator", ["a file separator"]),
    ("tab\tseparated\rcarriage", ["tab separated carriage"]),
    ("emoji 😀 between 😀 words", ["emoji between words 😀"]),
    ("“quoted” — dashed… text", ["quoted dashed text"]),
    ("a_b_c the_end", ["a b c the end"]),
    ("an apple a day; the doctor, an hour", ["apple day doctor hour"]),
    ("I said \"a\" then 'the'", ["i said then"]),
    ("1999 2000 2001", ["2001 2000 1999"]),
    ("one. two. three.", ["three. two. one."]),
    ("one. two . three", ["one two three"]),
    ("one.two.three", ["one two three"]),
    ("a. . b", ["a b"]),
    ("First line\nSecond line\nThird line", ["Second line\nThird line\nFirst line"]),
    ("First line\n\n\nSecond line", ["First line Second line"]),
    ("w1 w2 w3 w4 w5", ["w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5"]),
    ("w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5", ["w1 w2 w3 w4 w5"]),
    ("w1 w2 w6 w7 w8. w1 w3 w8 w9 w5", ["w1 w2 w3 w4 w5"]),
    ("b a b a", ["a b a b"]),
    ("x y x y x", ["y x y x y"]),
    ("running runs ran runner easily happily", ["run run run run easy happy"]),
    ("dying lying tying skies news innings", ["die lie tie sky new inning"]),
    ("flies dies spied died enjoyment fly", ["fly die spy die enjoy flies"]),
    ("geology archaeology theological", ["geological archaeological theology"]),
    ("generalizations oscillators", ["generalization oscillator"]),
    ("The storm closed three harbours on Monday, and two ships were lost.",
     ["Two ships sank when a storm shut three harbours on Monday."]),
    ("unanswerable", [""]),
    ("", [""]),
    ("No answer", ["no answer", "unanswerable"]),
    ("yes", ["Yes.", "no"]),
    ("12\n34", ["1234"]),
    ("12\x0034", ["12\n34"]),
    ("The key is: a1b2-c3d4", ["a1b2-c3d4", "A1B2"]),
]

WORDS = (
    "the a an storm harbour ship ships sank sinking shut shutting Monday two three 3 1999 café CAFÉ "
    "naïve isn't can't runner's running easily relational conditional rational happiness hopeful "
    "formality sensitivities triplicate e.g. U.S. x-ray 北京 東京 2nd 3.5 1,000 — ... ( ) \n \t . , ; ! ? : "
    "The THE cat cats Cat's dog dogs dogged sky skies flying flies tried agreed feed plastered hissing"
).split(" ")

CHINESE = [
    ("", "北京"),
    ("北京", "北京"),
    ("北京。", "北京"),
    ("他来到了网易杭研大厦", "网易杭研大厦"),
    ("我来到北京清华大学", "清华大学在北京"),
    ("小明硕士毕业于中国科学院计算所，后在日本京都大学深造", "小明毕业于中国科学院"),
    ("吉林省的省会是长春", "吉林"),
    ("南京市长江大桥", "南京市 长江 大桥"),
    ("结婚的和尚未结婚的", "尚未结婚"),
    ("工信处女干事每月经过下属科室都要亲口交代24口交换机等技术性器件的安装工作", "24口交换机"),
    ("AT&T和C++是一件不同的事情", "C++"),
    ("3.14是圆周率的近似值，占99.5%", "圆周率是3.14"),
    ("ＡＢＣ全角，ｘｙｚ", "abc 全角"),
    ("HELLO世界hello", "hello世界"),
    ("「引用」【括号】《书名》", "引用括号书名"),
    ("第一段\r\n第二段\n第三段", "第二段"),
    ("　全角空格　之间　", "全角空格之间"),
    ("龘靐齉爩", "龘靐"),
    ("𠮷野家", "吉野家"),
    ("答案是：42。", "42"),
    ("2023年12月25日星期一", "2023年12月25日"),
    ("永和服装饰品有限公司", "永和服装"),
    ("研究生命起源", "研究生命的起源"),
    ("乒乓球拍卖完了", "乒乓球拍"),
    ("欧几里得在亚历山大里亚教书", "欧几里得"),
    ("😀你好😀", "你好"),
    ("……——！？", "？"),
    ("a b c", "abc"),
    ("段落7", "段落7"),
]

CHINESE_PIECES = (
    "北京 上海 吉林 中国 科学院 计算机 学生 老师 天气 今天 明天 昨天 非常 好 的 了 是 在 我 他 她 你 我们 他们 "
    "喜欢 研究 生命 起源 大学 医院 火车站 飞机场 ， 。 ！ ？ ； ： 、 “ ” （ ） 《 》 2023 年 12 月 3.5 % A股 B超 "
    "iPhone C++ AT&T hello World 吴亦 陈小 建国 志强 麒麟 踌躇 徘徊 \n   - _ # 龘 第三 二十 〇 ＡＢ １２"
).split(" ")

CODE = [
    ("", ""),
    ("", "return x"),
    ("return x", ""),
    ("return x", "return x"),
    ("    return x", "return x"),
    ("return x", "    return x"),
    ("\n\n    return x\n    y", "    return x"),
    ("\n \nx = 1", " "),
    ("```python\nx = 1\n```", "x = 1"),
    ("# a comment\nx = 1", "x = 1"),
    ("// a comment\n/* b */ int x;", "int x;"),
    ("x = 1  # trailing", "x = 1"),
    ("url = \"http://x\"\ny = 2", "y = 2"),
    ("# only comments\n// here", "x"),
    ("return x + 1", "return x+1;"),
    ("    def foo(self):", "def foo(self, bar):"),
    ("größer = α", "grösser = a"),
    ("\tfor (int i = 0; i < n; i++) {", "    for (int i = 0; i < n; ++i) {"),
    ("if x == None:", "if x is None:"),
    ("self.assertEqual(a, b)", "self.assertEquals(b, a)"),
    ("abcabcabc", "cbacbacba"),
    ("abxcd", "abcd"),
    ("qabxcd", "abycdf"),
    ("private Thread currentThread;", "private volatile Thread currentThread;"),
    ("x" * 199, "x" * 150 + "y" * 49),
    ("x" * 201, "x" * 150 + "y" * 51),
    ("a = " + "b, " * 80, "a = " + "b, " * 79 + "c"),
    ("print(\"" + "word " * 50 + "\")", "print('" + "word " * 49 + "')"),
    ("\r\nx = 1\r\ny = 2", "x = 1"),
    ("😀 = 1", "😀 = 2"),
]

CODE_PIECES = (
    "self. foo bar baz ( ) [ ] { } : ; , = == != + - * / return if else for in range len print import x y i j n "
    "0 1 2 10 \" ' _ . -> None True null this. new int String void    \t await async def class"
).split(" ")

CLASSES = ["Person", "Place", "Place of birth", "Date", "Date of birth", "of", "Number", "Num",
           "Abbreviation", "Abbreviation expanded", "City", "Other city", "other", "体育", "体育新闻"]

MATH = [
    ("#### 18", "They sell 16 - 3 - 4 = 9 eggs.\nShe makes 9 * 2 = 18 dollars.\n#### 18"),
    ("The answer is 18.", "#### 18"),
    ("The answer is 18", "#### 18"),
    ("The answer is $1,800.", "so\n#### 1,800"),
    ("The answer is 1800.00.", "#### 1,800"),
    ("#### 1,800", "x #### 1800"),
    ("#### $1,800", "#### 1800"),
    ("#### -5", "#### -5"),
    ("#### 5.", "#### 5"),
    ("####5", "#### 5"),
    ("#### 5 #### 6", "#### 6"),
    ("#### 5 #### 6", "#### 5"),
    ("First 3, then 4, so 7 in all", "#### 7"),
    ("7 apples, not 8.", "#### 7"),
    ("It is 7", "#### 7"),
    ("it is seven", "#### 7"),
    ("", "#### 7"),
    ("$$", "#### 7"),
    ("cost: $ 7", "#### 7"),
    ("1/2", "\\frac{1}{2}"),
    ("0.5", "\\frac{1}{2}"),
    (".5", "\\frac12"),
    ("0.25", "\\frac{1}{4}"),
    ("$\\frac12$", "\\frac{1}{2}"),
    ("The answer is $\\dfrac{1}{2}$.", "so \\boxed{\\frac{1}{2}}"),
    ("\\boxed{\\tfrac{3}{4}}", "\\frac{3}{4}"),
    ("\\boxed{\\frac34}", "\\frac{3}{4}"),
    ("\\boxed{3/4}", "\\frac{3}{4}"),
    ("\\boxed{03/4}", "\\frac{3}{4}"),
    ("\\boxed{x/y}", "x/y"),
    ("\\boxed{x/y}", "\\frac{x}{y}"),
    ("\\boxed{-3/4}", "-\\frac{3}{4}"),
    ("\\boxed{42}", "42"),
    ("\\boxed 42", "42"),
    ("\\boxed 42$ units", "42"),
    ("\\boxed{41} or \\boxed{42}", "42"),
    ("\\boxed{42} or \\boxed{41}", "42"),
    ("\\boxed{42", "42"),
    ("\\fbox{42}", "42"),
    ("boxed{42}", "42"),
    ("\\boxed{\\text{42}}", "42"),
    ("\\boxed{{42}}", "42"),
    ("\\boxed{042}", "42"),
    ("\\boxed{42 \\text{ cm}}", "42"),
    ("\\boxed{42\\%}", "42"),
    ("\\boxed{\\$42}", "42"),
    ("\\boxed{42^\\circ}", "42"),
    ("\\boxed{42^{\\circ}}", "42"),
    ("\\boxed{x=42}", "42"),
    ("\\boxed{xyz=42}", "42"),
    ("\\boxed{a=b=42}", "42"),
    ("\\boxed{\\sqrt3}", "\\sqrt{3}"),
    ("\\boxed{2\\sqrt{3}}", "2\\sqrt3"),
    ("\\boxed{\\sqrt}", "\\sqrt"),
    ("\\boxed{\\frac}", "\\frac"),
    ("\\boxed{\\frac1}", "\\frac1"),
    ("\\boxed{\\frac1{2}}", "\\frac{1}{2}"),
    ("\\boxed{\\left( 1, 2 \\right)}", "(1,2)"),
    ("\\boxed{1\\!000}", "1000"),
    ("\\boxed{1,000}", "1000"),
    ("\\boxed{a\\\\b}", "a\\b"),
    ("\\boxed{4\\text{ a}\\text{ b}}", "4"),
    ("$x$ and $y$", "x$ and $y"),
    ("$42", "42"),
    ("$42$", "42"),
    ("Thus $x = 42$.", "42"),
    ("Thus $x = 42$.", "\\boxed{42}"),
    ("42", "42"),
    ("  42\n", "42"),
    ("The answer is 204} and", "204"),
    ("", "204"),
    ("70\n", "70"),
]

CHOICES = [
    ("A", "A"), ("B. second", "B"), ("The answer is: C", "C"), ("answer is D", "D"), ("answer:B", "B"),
    ("I think option is A because", "A"), ("My choice would be C", "C"), ("", "A"), ("AB", "A"),
    ("D: fourth", "D"), ("the answer is\n\nB", "B"), ("Answer: C", "C"), ("BCD BC C", "C"),
    ("fourth", "D"), ("x answer is:", "A"), ("x answer is: ", "A"), ("An apple", "A"), ("It is (B)", "B"),
    ("**B**", "B"), ("The correct answer is (C)", "C"), ("The correct answer is C", "C"),
    ("The *correct* answer is **(D)**", "D"), ("The correct answer is (A) or (B)", "B"),
    ("the correct answer is (A)", "A"), ("is: second", "B"), ("Option B:", "B"), ("  C.", "C"),
]


def mutated(rng, pieces, size, glue):
    """Two texts that share a part, out of these pieces."""
    base = [rng.choice(pieces) for _ in range(rng.randint(1, size))]
    other = []
    for piece in base:
        roll = rng.random()
        if roll < 0.55:
            other.append(piece)
        elif roll < 0.7:
            other.append(rng.choice(pieces))
        elif roll < 0.8:
            other += [piece, piece]
    if rng.random() < 0.25:
        rng.shuffle(other)
    return glue.join(base), glue.join(other)


def plain_pairs(count=240):
    rng = random.Random(11)
    pairs = list(PLAIN)
    while len(pairs) < count - 3:
        a, b = mutated(rng, WORDS, 40, " ")
        refs = [b] if rng.random() < 0.8 else [b, mutated(rng, WORDS, 12, " ")[0]]
        pairs.append((a, refs))
    for size in (300, 600, 900):
        a, b = mutated(rng, WORDS, size, " ")
        pairs.append((a, [b]))
    return pairs


def chinese_pairs(count=220):
    rng = random.Random(12)
    pairs = list(CHINESE)
    while len(pairs) < count:
        pairs.append(mutated(rng, CHINESE_PIECES, 25, ""))
    return pairs


def code_pairs(count=220):
    rng = random.Random(13)
    pairs = list(CODE)
    while len(pairs) < count:
        a, b = mutated(rng, CODE_PIECES, rng.choice([8, 20, 120]), rng.choice(["", " "]))
        lead = rng.choice(["", "    ", "\n", "\n    ", "# note\n", "\t"])
        pairs.append((lead + a + rng.choice(["", "\nmore"]), rng.choice(["", "    "]) + b))
    return pairs


def classified(count=220):
    rng = random.Random(14)
    rows = []
    for _ in range(count):
        classes = rng.sample(CLASSES, rng.randint(1, len(CLASSES)))
        truth = rng.choice(classes) if rng.random() < 0.9 else "none of them"
        named = rng.sample(CLASSES, rng.randint(0, 4))
        if rng.random() < 0.6:
            named.append(truth)
            rng.shuffle(named)
        text = rng.choice([" or ", ", ", "\n", ""]).join(named)
        rows.append((text if rng.random() < 0.9 else text.lower(), truth, classes))
    return rows


def counted(count=220):
    rng = random.Random(15)
    rows = []
    forms = ["{}", "Paragraph {}", "段落{}", "It is {}, not {}", "{} or {}", "{}.{}", "-{}", "{},{}",
             "none", "", "Paragraph{}", "paragraph {} {}", "({})", "no. {} 和 {}", "１{}", "{}٣"]
    for i in range(count):
        n = rng.randint(0, 30)
        numbers = [n if rng.random() < 0.5 else rng.randint(0, 30) for _ in range(2)]
        text = rng.choice(forms).format(*numbers)
        paragraph = rng.choice(["Paragraph {}", "Paragraph {} of 30", "in 3 Paragraph {}",
                                "Paragraph {} Paragraph 4"]).format(n)
        chinese = rng.choice(["段落{}", "第3章段落{}", "段落{}段落2"]).format(n)
        number = rng.choice(["{}", "{}", "{}", "0{}", " {}", "{} paragraphs", "many", "{}.0"]).format(n)
        rows.append((text, paragraph, chinese, number))
    return rows


def math_pairs(count=240):
    rng = random.Random(16)
    pairs = list(MATH)
    shapes = ["{}", "#### {}", "The answer is {}.", "The answer is {} apples", "\\boxed{{{}}}",
              "so $x={}$", "${}$", "= {} dollars", "{}\n", "first 3 then {}", "\\boxed{{{}}} hm {}"]
    values = ["7", "-7", "1,234", "1234", "1234.0", "0.5", ".5", "1/2", "\\frac{1}{2}", "\\frac12",
              "\\dfrac{1}{2}", "$7", "7%", "7\\%", "7.", "\\sqrt2", "\\sqrt{2}", "x=7", "7\\text{ m}",
              "(1,2)", "(1, 2)", "7^\\circ", "007", "12,345,678", "3.14159", "-1/2", "1 / 2"]
    golds = ["{}", "{}", "work 3 + 4\n#### {}", "\\boxed{{{}}}", "so $\\boxed{{{}}}$ it is"]
    while len(pairs) < count:
        value = rng.choice(values)
        other = value if rng.random() < 0.6 else rng.choice(values)
        pairs.append((rng.choice(shapes).format(value, value), rng.choice(golds).format(other)))
    return pairs


def stem_words(count=6000):
    rng = random.Random(17)
    stems = ("run hop tan fall hiss fizz fail fil happ sk enjo fl sp tr d l t relat condition ration valen "
             "hesit digit conform radic differ vil analog vietnam predic oper feud decis hope callous form "
             "sensit sens triplic electr good reviv allow infer airlin gyroscop adjust defens irrit replac "
             "depend adopt homolog commun activ angul effect bowdler prob rat ceas controll roll geo archaeo "
             "theo philo gener oscill sy yy b c cr str agre plaster bl motor s conflat troubl siz full dull "
             "beauti quick care wonder y by toy syzyg a e i o u ab ee tree trouble oats ivy private orrery "
             "w x wy box tax vow play delay buy obey").split(" ")
    endings = ("s ed ing eed ied ies y ily ly ational tional enci ence anci ance izer ize bli ably alli ally "
               "entli ently eli ously ousli ization ation ator alism iveness fulness ousness aliti ality iviti "
               "ivity biliti bility fulli fully logi logy icate ative alize iciti icity ical ful ness al er ic "
               "able ible ant ement ment ent ion sion tion ou ism ate iti ous ive e ll l es sses ss 's").split(" ")
    words = {"sky", "skies", "dying", "lying", "tying", "news", "innings", "inning", "outings", "outing",
             "cannings", "canning", "howe", "proceed", "exceed", "succeed", "yyyy", "ayyy", "1999s", "3ing"}
    while len(words) < count:
        word = rng.choice(stems) + "".join(rng.choice(endings) for _ in range(rng.randint(0, 3)))
        word = word.replace("'", "")
        if len(word) > 3:
            words.add(word)
    return sorted(words)
