"""Words that the sentence templates are filled with."""

DETERMINERS = "the a my your his her our their this that every some".split()
ADJECTIVES = """good bad big small long short old new young hot cold warm cool happy sad fast slow red blue green white
black yellow brown gray dark light bright quiet loud soft hard easy strong weak rich poor clean dirty full empty open
closed early late high low deep wide narrow heavy sweet bitter fresh dry wet sharp round flat thick thin smart kind
brave calm busy free safe simple strange local public private modern ancient famous friendly gentle golden silver
wooden tiny huge great little beautiful lovely terrible wonderful important possible different special final main next
last first second third real true false clear certain ready sorry tired hungry angry lucky proud funny""".split()
NOUNS = """time year people way day man thing woman life child world school state family student group country problem
hand part place case week company system program question work government number night point home water room mother
area money story fact month lot right study book eye job word business issue side kind head house service friend father
power hour game line end member law car city community name president team minute idea kid body information back parent
face level office door health person art war history party result change morning reason research girl guy moment air
teacher force education dog cat bird fish horse cow sheep tree flower garden river mountain ocean lake forest island
bridge road street train plane boat ship bus bicycle station airport window table chair bed kitchen floor wall roof lamp
clock phone computer camera radio music song dance movie picture paper letter pen pencil bag box bottle cup plate knife
spoon bread butter cheese milk coffee tea sugar salt apple orange banana lemon grape potato tomato rice soup meat
chicken egg cake summer winter spring autumn weather rain snow wind storm cloud sun moon star sky earth fire stone gold
sand field farm village town market shop store hospital doctor nurse police judge king queen captain soldier worker
driver farmer singer writer actor engineer scientist brother sister uncle aunt cousin baby boy language voice sound
noise color shape size weight price ticket dollar gift present birthday holiday journey travel dream hope love fear truth
secret mistake answer lesson test machine engine wheel key lock button screen message signal number future past
speech""".split()
VERBS = """find take see know get make give use tell call try ask need feel leave put keep begin help show hear play run
move like believe hold bring write provide lose pay meet include continue set learn change lead understand watch follow
stop create read allow add spend open win offer remember love consider buy send expect build reach suggest raise pass
sell require report decide pull clean close carry catch choose cook count cover cross draw drink drive drop eat enjoy
enter explain fix forget hide join kick lift miss mix name order paint pick plan plant press print promise protect push
record repair repeat return save search share shout sing smell start steal study taste teach test thank throw touch turn
visit wake want warn wash wear""".split()
PAST_VERBS = """found took saw knew got made gave used told called tried asked needed felt left put kept began helped
showed heard played moved liked believed held brought wrote lost paid met learned changed led watched followed stopped
created opened won offered remembered loved bought sent built reached raised passed sold pulled cleaned closed carried
caught chose cooked counted covered crossed drew drank drove dropped ate enjoyed explained fixed forgot joined kicked
lifted missed mixed ordered painted picked planted pressed printed protected pushed recorded repaired repeated saved
shared stole studied tasted tested thanked threw touched turned visited wanted washed wore""".split()
PAST_MOTIONS = """walked ran sat stood waited slept laughed smiled talked worked lived stayed arrived left returned danced
sang jumped swam listened""".split()
PREPOSITIONS = """in on at near under over behind beside with from to into across through around after before without
above below between against""".split()
ADVERBS = """slowly quickly quietly loudly today tomorrow yesterday again now here there always never often soon later
well badly together alone carefully suddenly finally almost outside inside away early late""".split()
PRONOUNS = "I you he she we they it".split()
NAMES = """Anna Tom Peter Mary John David Sarah Paul Emma Jack Lucy Mark Alice Bob Robert James Linda Michael Susan George
Henry Julia Kate Martin Nina Oscar Rose Sam""".split()
PLACES = """London,Paris,Berlin,China,America,England,France,Japan,India,Africa,Canada,Spain,Italy,Russia,Boston,Texas,
New York,California""".replace("\n", "").split(",")
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()
PHRASES = (
    """hello|good morning|good night|good evening|thank you very much|you are welcome|how are you today?|I am fine,
thank you|what is your name?|nice to meet you|see you later|excuse me|I am sorry|please help me|where is the station?|
how much is it?|what time is it?|I do not know|that is right|of course|welcome to the show|please wait a moment|
the system is ready|have a nice day|this is a test|testing, one, two, three|hello world|how can I help you?|I love music|
let us begin|are you ready?|here we go|no problem|come with me|it is raining outside|the answer is no|yes, please|
see you tomorrow|happy birthday|merry Christmas""".replace("|\n", "|")
    .replace("\n", " ")
    .split("|")
)
ORDINALS = """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
fifteenth sixteenth seventeenth eighteenth nineteenth twentieth""".split()
ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen""".split()
WHY = "where is|who is|what about|is it|was it|do you know|and|or".split("|")
ANSWERS = "yes|no|maybe|thanks|okay|sure|never|stop|go on|well|oh|why|really|wait|listen|not now|all right|hi".split(
    "|"
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
