"""
Given names in use in Australia, and what people are called for short.

They answer two questions that letters alone cannot: whether `Bill` is `William`, and whether `Kayden` is a misspelling of
`Jayden` or another person. Where a name is not listed the rules are more careful, never less. All are written as
`agent.domain.matching.names.name_key` makes them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

_SHORT = """
abigail: abbey abbie abby gail
abraham: abe bram
adelaide: addie della heidi
adriana: adri
agnes: aggie nessie
alan: al
albert: al albie bert bertie
alexander: al alec aleksandar aleksander alex alexandr lex sandy sasha xander zander
alexandra: alex alexa ali allie lexi lexie sandra sandy sasha
alexis: alex lexi lexie
alfred: alf alfie fred freddie
alice: ali allie ally lissie
alison: ali allie allison ally alyson
amanda: amy mandi mandy
amelia: amy emmy millie milly
anastasia: ana annie stacey stacy stasia tasia
andrea: andi andie drea
andrew: andre andy drew
angela: ange angel angie
angelina: angie lina
annabel: annabella annabelle belle
anne: ann annie nan
anthony: ant antony toni tony
antonia: toni tonia
antonio: nino toni tony
antonios: anton tony
archibald: archie
arthur: art artie
ashleigh: ash ashlea ashlee ashley
ashley: ash
audrey: aud
augustus: august gus
barbara: babs barb barbie
barnaby: barney
bartholomew: bart
beatrice: bea beatrix bee trixie
beatrix: bea trixie
belinda: bel bindi lindy
benedict: ben benny
benjamin: ben benji benjie benny
bernadette: bernie berny
bernard: bern bernie
bethany: beth
beverley: bev beverly
bradley: brad
brandon: bran
brendan: bren brendon
bridget: biddy bridey bridgette bridgit bridie brigid
bronwyn: bron
caitlin: cait caitlyn kaitlin kaitlyn kate katelyn katie
callum: cal calum
calvin: cal
cameron: cam
camilla: cami milla millie
carlos: charlie
caroline: caro carolina carolyn carrie caz lynn
cassandra: cass cassie sandra
catherine: cat cath catharine cathryn cathy kat kate kath katharine katherine kathrine kathryn kathy katie katy kitty rina trina
cecilia: cec celia cissy
charles: charley charlie chas chaz chuck
charlotte: char charley charlie lotte lottie
chloe: clo
christina: chris chrissie chrissy christine cristina kristina tina
christine: chris chrissie chrissy christina kristine tina
christopher: chris christoph kit kris topher
clementine: clem clemmie
clifford: cliff
constance: connie
cornelius: con neil
courtney: court
crystal: chris krystal
curtis: curt
cynthia: cindi cindy
dale: day
damian: damien damo
daniel: dan dani danno danny
danielle: dani daniella danni danny ellie
darren: darran darrin daz
david: dave davey davo davy
deborah: deb debbi debbie debby debra
denise: den denny
dennis: den denis denny
derek: del derrick
desmond: des
diana: di diane dianne
dimitrios: dimitri james jim jimmy
dominic: dom dominick dominik nick
donald: don donnie donny
dorothy: dolly dorothea dot dottie
douglas: doug dougie
duncan: dunc
edith: edie
edmund: ed eddie ned ted
edward: ed eddie ned ted teddy ward
edwin: ed eddie
eileen: elly
elaine: laine
eleanor: eleanore elinor ellie elly lenny nell nellie
elizabeth: bess bessie beth betsy betty eli elisabeth eliza elsbeth elsie lib libby lilibet lisa liz liza lizzie lizzy
ellen: ellie nell nellie
emily: em emmie emmy millie
emma: em emmy
eric: erick erik rick
ernest: ernie
estelle: stella
esther: essie hettie
ethan: eth
eugene: gene
eugenia: genie
evangelia: eva lia litsa
evelyn: evie lyn
ewan: euan ewen
fatima: fatimah fatma
felicity: felicia flick fliss lissy
ferdinand: ferdie
finlay: fin finley finn
fiona: fee fi
florence: flo florrie flossie
frances: fran francie frankie franny
francesca: cesca chess fran franca
francis: fran frank frankie
franklin: frank
frederick: fred freddie freddy frederic fredrick rick
gabriel: gabe
gabrielle: gab gabbie gabby gabi gabriella
gareth: gaz
gary: garry gaz gazza
gavin: gav
genevieve: gen gennie jen viv
geoffrey: geof geoff jeff jeffery jeffrey
george: georgie
georgia: georgie
georgina: georgia georgie gina
gerald: ged gerry jerry
geraldine: gerry
gerard: ged gerrard gerry
gillian: gill jill jillian
giovanni: gianni gio john johnny
giuseppe: beppe joe pino
gladys: glad
glenn: glen
gordon: gordy
grace: gracie
graham: gra graeme grahame
gregory: greg gregg
gwendoline: gwen gwendolyn wendy
hannah: han hanna
harold: hal harry
harriet: harriette harry hattie
harrison: harris harry
heather: heath
hector: hec
helen: eleni helena lena nell nellie
henrietta: etta harriet hettie
henry: hal hank harry
herbert: bert herb herbie
howard: howie
hubert: bert hugh
hugh: hughie hugo
hussein: hossein husain hussain
ian: iain
ignatius: iggy
imogen: immi immy imo imogene
irene: eirini rene renie
isaac: ike isac izaac zac
isabel: belle ibby isabella isabelle isobel issy izzy
isabella: belle isabelle isobella issy izzy
isabelle: belle issy izzie izzy
ivan: van
jackson: jacko jax
jacob: jake jakob jay
jacqueline: jac jacki jackie jacquelyn jacqui
james: jamie jem jim jimbo jimmy
jane: janey janie
janet: jan
janice: jan
jared: jarod jarred jarrod
jasmine: jas jasmin jaz jazmin jazz yasmin
jason: jase jay
jean: jeannie
jeanette: jean jeannette jenny
jemima: jem jemma mima
jennifer: jen jenn jenni jennie jenny
jeremy: jem jerry jez
jerome: jerry
jessica: jess jesse jessie
jill: jilly
joan: joanie
joanna: jo joann joanne joey
joanne: jo joanna joey
jocelyn: joc joss
joel: joey
johanna: anna hanna jo
johannes: hans johan john
john: johnno johnny jon
jonathan: johnathan jon jonathon jonno jonny nathan
jordan: jord jordy
jose: joe pepe
joseph: jo joe joey josef youssef
josephine: fifi jo joey josey josie
joshua: josh
joyce: joy
juan: john
judith: jude judi judy
julia: jules julie
julian: jools jules
juliana: jules julie
juliet: jules julie juliette
justin: jus
kaitlyn: kait kate katie
karen: kaz
karin: kaz
katelyn: kate katie
katherine: cathy kat kate kath kathryn kathy katie katy kay kit kitty
kathleen: kat kate kath kathy katie kay
katrina: catrina kat kate katie trina
keith: keithy
kelly: kel kelley kellie
kelvin: kel kev
kenneth: ken kenny
kerry: kerri kerrie kez
kevin: kev
khalid: khaled
kimberley: kim kimberly kimmy
kirsten: kirstie kirstin kirsty
konstantinos: con constantine costa dean dino gus kon kosta
kristina: kris krissy tina
kristopher: chris kris
kyle: ky
lachlan: lach lachie lachy lochlan
laura: laurie loz
lauren: laurie lauryn loz
laurence: larry laurie lawrence loz
lawrence: larry laurie lawrie
leah: lea
leanne: anne lea lee leigh
lee: leigh
leila: laila layla leyla
leo: leonardo
leonard: len lenny leo
leonardo: leo
leopold: leo
leslie: les lesley
lewis: lew lou louis
lilian: lil lily
lillian: lil lili lilian lilly lily
lily: lil lilly
linda: lin lindy lynda
lindsay: lin linds lindsey lyndsay
lisa: leesa lise
lorraine: lori raine
louis: lou louie luis
louisa: lou louise lulu
louise: lou louisa
lucas: luc lukas
lucille: lucy
lucinda: cindy lucy
lucy: lou lulu
luke: luc luka
lydia: lyd
lynette: lyn lynn lynne
mackenzie: kenzie mac mackenzy
madeleine: lena madalyn maddie maddy madelaine madeline madelyn mads
madison: maddie maddison maddy
malcolm: mal
marcus: marc mark markus
margaret: madge maggie marg margarete margie margo margot marguerite meg meggie peg peggy
maria: ria
mariam: mariamme maryam miriam
marilyn: lyn mari
marjorie: marge margie marj
mark: marc marko
martha: marty
martin: marty
martina: tina
mary: mae mamie may polly
matilda: maddie mattie tilda tillie tilly
matthew: mat mathew matt matteo matthias matty
maureen: maur mo
maximilian: max maxi
maxine: max
maxwell: max
megan: meagan meg meggie meghan
melanie: mel melly
melinda: lindy mel mindy
melissa: lissa mel melisa missy
mercedes: mercy
meredith: merry
michael: mic micah michal mick mickey micky mike mikey mikhail mitch
michaela: kayla mac mick mickey mikaela mikayla
michelle: chelle mich shell shelly
mildred: millie
miranda: mandy randy
miriam: mim mimi
mitchell: mitch
mohammed: mahomed mo moe moh mohamad mohamed mohammad mohamud mohd muhammad muhammed
monica: mon monique
morgan: mo
muriel: mu
mustafa: mostafa moustafa
nadia: nad
naomi: nomi
natalie: nat natalia nathalie nattie
natasha: nat natascha tash tasha
nathan: nat nate nath
nathaniel: nat nate nathan nathanael than
neil: neal niall
nicholas: klaus nic nick nicky nico nicolas nikolaos nikolas
nicola: nic nicki nicky niki nikki
nicole: nic nichole nicki nicky niki nikki
nigel: nige
nikolaos: nicholas nick niko
noah: noa
noel: noely
norma: nor
norman: norm
olive: livvy ollie
oliver: oli ollie olly
olivia: liv livia livvy ollie
oscar: oskar ozzy
owen: eoin
pamela: pam
panagiotis: pan peter takis
paraskevi: evi vivian voula
patricia: pat patsy patti patty tricia trish trisha
patrick: paddy padraig pat rick
paul: pablo pauly
paula: paulie
pauline: paula polly
penelope: nell pen penny
perry: pez
peter: pete petey pietro
philip: filip phil phillip pip
philippa: phil phillipa pip pippa pippi
phoebe: phebes pheobe phoeb
phyllis: phyl
priscilla: cilla pris
prudence: pru prue
rachel: rach rachael rae shell
rafael: raf rafe raphael
ralph: rafe
raymond: ray
rebecca: bec becca beck becky bek bex rebekah rebekka
reginald: reg reggie
renee: ren
reuben: ben rube
rhonda: ronnie
richard: dick rich richie rick ricky ritchie
rita: ri
robert: bert bob bobby rob robbie robbo robby
roberta: bobbie robbie
robin: rob robyn
robyn: rob robbie robin
roderick: rod roddy rory
rodney: rod
roger: rog
roland: rollo
ronald: ron ronnie
rosa: rosie
rosalind: lindy ros roz
rosanne: ros rose roz
rose: rosie
rosemary: ro romy rose rosie rosmarie
roslyn: ros rosalyn roslynne roz
rowan: ro
roy: royce
rupert: ru
russell: russ rusty
ruth: ruthie
ryan: ry
sabrina: bri brina
sally: sal
samantha: sam sami sammi sammy
samuel: sam sammy samual
sandra: sandi
sara: sarah
sarah: sal sar sara
scarlett: lettie scar scarlet
scott: scotty
sean: shaun shawn
sebastian: bas bastian seb sebby
serena: rena
seth: set
shannon: shan
sharon: sharron sharyn shaz shazza
shayne: shane
sheila: sheilah
shirley: shirl
sidney: sid syd sydney
silvia: sylvia
simon: si
simone: sim
siobhan: shiv
sofia: sophie
sophia: soph
sophie: soph
spencer: spence
spiridon: spiro
stanley: stan
stavros: steve
stella: stel
stephanie: stefanie steff steffi steph stevie
stephen: stefan steph stephan steve steven stevie
steven: stephen stevan steve stevie
stewart: stu
stuart: stewart stu
summer: sum
susan: sue sukie susie suzanne suzie suzy
susannah: sue susanna susie suzannah
suzanne: sue susan susie suzie suzy
sylvia: syl sylvie
tabitha: tabby
tamara: tam tammy tara
tania: tan tanya
terence: tel terrance terrence terry
teresa: terri terry tess tessa tessie theresa therese tracy
thaddeus: ted thad
theodore: ted teddy theo
theodoros: ted theo
theresa: terri terry tess tessa
thomas: thom tom tommy
timothy: tim timmy
tobias: tobie toby
toby: tobias
tracey: trace tracy
travis: trav
trevor: trev
tristan: tris tristram
tyler: ty
valerie: val
vanessa: ness nessa nessie van
vasiliki: vas vicki vicky
vasilios: basil bill vas vasili
vernon: vern
veronica: ronni ronnie vera
victor: vic viktor
victoria: tori toria vic vicki vickie vicky vikki
vincent: vin vince vincenzo vinnie vinny
violet: vi
virginia: ginnie ginny
vivian: viv
vivienne: viv vivian
vladimir: vlad
wallace: wal wally
walter: wal wally walt
warren: waz
wendy: wen
wilfred: fred wilf wilfrid
wilhelmina: billie mina minnie willa
william: bill billy wil will willem willie wills willy
winifred: freda win winnie
winston: win
xavier: xav xavi
yasmin: jas yas yasmeen yasmine
youssef: joseph yousef yusef yusuf
yvonne: von vonnie
zachary: zac zach zachariah zachery zack zackary zak
zoe: zo zoey
"""
"""A name and, after the colon, what its bearers are called or how it is spelt otherwise."""

_SELDOM = """
amelia: mia
andrew: andreas
anne: anna nancy
annabel: anna bella
catherine: kit
eleanor: ella nora
eliza: lisa
ella: ellie
evelyn: eve
george: jorge
isabel: bella
isabella: bella ella
isabelle: bella
jackson: jack
john: ian jack sean
joseph: jose
leah: lia
louise: lulu
lucas: luca luke
luke: luca
margaret: daisy greta rita
maria: marie mary mia
marianne: anne mari mary
mary: maria marie molly
sandra: sandy
sarah: sadie sally
sophia: sofia sophie
virginia: ginger
william: liam
"""
"""Likewise, where both are mostly names of their own: too little to take two people for one."""

_OTHERS = """
aaliyah aaron abbas abdul abdullah abel ada adam addison adele aditya adrian adrienne ahmad ahmed ahmet aidan aiden aileen
aimee aisha aishwarya ajay akira alana alanna alastair alba aldo aleena aleesha alejandro alessandra alessandro alessia alexia
alicia alina alinta alisa alisha alistair allan allen alma alvin alysha alyssa amaan amal amaya amber amina amir amit amrit an
anand ananya anders andreas angelo angus anh anika anil anish anita anjali ankit annalise anneliese annelise annette antoine
anya aoife april arabella aria ariana ariane arianna ariel arjun arlo armin arnold arun arya aryan asha asher ashton ashwin
astrid athena aubrey aurora austin ava avery axel ayaan ayesha ayla azra bailey barry bashir beau bernice bertha bethan bianca
bich binh blair blake blanche bonnie boris boyd brady brenda brent brett brian briana brianna brigitte britney brittany brock
brody bronte brooke brooklyn bruce bruno bryan bryce bryn bryson byron caleb camille candice cara carl carla carlo carly
carmel carmela carmen carol carole carter carys casey casper catriona cedric celeste celine chad chandra chanel chantelle
charlene charmaine chelsea cherie cheryl chi chiara christa christian ciara claire clara clare clarence clark claude claudia
clay clayton clint clive clyde cody coen colby cole colette colin colleen connor conor conrad cooper cora coral coralie corey
corina craig cruz cuong cyrus dakota dalia dallas damon dana dane danica daphne dara darcey darcy daria dario darius darlene
darrell darryl daryl dawn deanna declan deepak delia delilah delta demi dempsey denzel desiree devon dexter diego digby dilan
dillon dinh dion dirk dolores dong donna dora doreen doris duc dulcie dung dustin dwayne dylan dyson earl ebony eden edgar
edna edwina effie ekaterina elena elia eliana elias elijah elise elisha elissa elke elliot elliott ellis eloise elora elsa
elva elvira elyse emanuel emerson emil emilia emiliano emilio emir emmanuel emmett enid enzo erica erika erin ernesto errol
eryn eshan esme esmeralda esteban ethel eunice evan evander fahad faisal faith faiz farah farid faye felix fergus fern
fernando filippo finnegan fletcher flora flynn forrest francisco francois franz freya frida garth gemma gia giada gian gilbert
gino giorgia giorgio giulia glenda glenys gloria grant griffin guang guiseppe gustav guy gwyneth habib hadley hai hailey hala
haley hamid hamish hamza hana hang hanh hani hao harley harper harsh harvey hasan hassan hayden hayley hazel helga henri hieu
hilary hilda hiroshi hoa hoang hollie holly honor hope horace huan hudson hung hunter huong huy hye ibrahim ida idris ilana
imran ina india indiana indigo indira ines ingrid ioannis iris irma isaiah isha ishaan isla ismail israel ivo ivy jacinda
jacinta jada jade jaden jagdeep jaime jamal jana jannah jarrah jarvis jaspar jasper javier jaxon jaya jayda jayden jaydon
jayla jaylen jayne jed jedda jelena jenna jesus jett jia jian jin joaquin jock jodie jody jolene jonah jonas jordana juanita
julien jun june justine jye kai kaia kaiden kane kara karan karina karl karla karolina kasey katarina katarzyna katia kaya
kayden kaye kaylee kayleigh keanu keegan keely keira kellan kelsey kendall kendra kenji kent kerem kerryn khadija khalil khanh
khloe kiara kiera kieran kieren kimi king kingsley kip kira kiran kirk kirra kobe koby krish krishna kristen kristian kristin
kristy kumar kurt kye kylie kyra lacey lan lana lance lara larissa latoya laurel lauretta layton leanna lei leighton leon
leona leonie leroy levi lian liana lien lila lilia lillie lim linh lionel lisbeth lloyd loan logan lois lola long lorenzo
loretta lorna lu luan lucia luciana luciano ludwig luigi luisa luna lyle lynley lyra mabel macey maeve magnus mahmoud mai maia
maisie maja malik malika mallory manfred manh manisha manuel mara marcel marcella marcia marco mariana marianna mariella
marika marina mario marion marisa marissa marius marlene marley marlon marnie marshall marta marwan maryanne mason mateo
mathilda maud maurice mavis maya meera megha mehmet mei melba melody melvin meng merle merlin michel miguel mika mila milan
milena miles millicent milo ming minh mira mischa misty miya mohan moira mona monty morris moses murray my mya myfanwy myles
myra myriam myrtle nabil nada nadine naima naveen nelson nerida nestor nevaeh neve neville nghia ngoc nguyet nhan nhi
nicolette nikita nile nina nisha nita nixon noelle noor noreen nour nyah oceane odette odin olga omar oona opal ophelia orla
orlando orson otis otto ozan paige palmer paloma pandora paolo pardeep paris parker pascal patience pearl pedro percy petra
phoenix phong phuc phuong pia piper poppy prakash pranav preston primrose priya qi quan quang quentin quinn quoc quy quyen
rachelle radha raelene rahul raj raja rajesh ramon ramona rana randall rania raquel rashid raul ravi raya raylene reece reese
regina reid remy renata rex rhett rhiannon rhys ricardo riley river rocco rocky rohan roisin roman romeo rona ronan ronin
rosalia rosalie rosetta ross rowena roxanne ruben ruby rudolf rudy rufus ryder ryker sabina sabine sachin saeed sahil said
saif salim salma salvador salvatore samara samina samir sana sandeep sanjay santiago santo saoirse saskia saul savannah sawyer
saxon selena selina selma serge sergei sergio shae shaikh shana shania shantelle shari sharlene sharmila shay shayla shea
shelby sheldon shelley sheree shona shreya shyam siddharth sienna sierra sigrid silas simeon simran sinead siti skye skyla
skylar sofie sol solomon sonia sonja sonny sonya soren stefano sterling storm su suki sulaiman suma sunil sunita sunny suresh
surya sven svetlana syed tabatha tahlia taj tallara tallulah tamika tamsin tanner tao tarek tariq tarni tasman tate tatiana
tayla taylah taylor tegan thanh thao thea thelma thi thien thieu tia tiana tien tiffany ting tobin todd toula tran trang trent
tri trinh trinity troy trudy truong tu tuan tully tung tuyen tuyet tyrone tyson ulrich uma umar una ursula usman vaibhav
valentina valentino vance vandana vaughan vaughn verity vidya viet vihaan vijay vikram vinay vinh viola vito viviana vuong
wade wahid walid wanda wang warwick wayne wei wesley whitney wilbur willow wilma wilson winona woody wyatt xanthe xia xiao xin
xuan yan yang yara yasin yen yi ying yolanda yong yosef yuki yuna yusra yvette zahra zain zainab zali zane zara zaria zeke
zeki zelda zena zeynep zhen zi zia ziggy zita ziva zora zoran
"""
"""Names without short forms of their own."""


def _table(text: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for line in text.strip().splitlines():
        full, _, others = line.partition(":")
        found[full].update(others.split())
    return {full: frozenset(others) for full, others in found.items()}


def _fulls() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for full, others in SHORT_FOR.items():
        for other in others:
            found[other].add(full)
    return {other: frozenset(fulls) for other, fulls in found.items()}


SHORT_FOR: Final[Mapping[str, frozenset[str]]] = _table(_SHORT)
"""By name, what its bearers are also called."""

_RELATED: Final[Mapping[str, frozenset[str]]] = _table(_SELDOM)

FULL_OF: Final[Mapping[str, frozenset[str]]] = _fulls()
"""The same, the other way round."""

GIVEN_NAMES: Final[frozenset[str]] = frozenset(f"{_SHORT} {_SELDOM} {_OTHERS}".replace(":", "").split())
"""Every name listed here."""


def are_equivalent(one: str, other: str) -> bool:
    """
    Return whether bearers of *one* are called *other*, or the other way round; both are name keys.
    """
    return other in SHORT_FOR.get(one, ()) or one in SHORT_FOR.get(other, ())


def are_related(one: str, other: str) -> bool:
    """
    Return whether two names now and then stand for each other: both may be short for a third, or be two names of one origin.
    """
    if other in _RELATED.get(one, ()) or one in _RELATED.get(other, ()):
        return True
    return not FULL_OF.get(one, frozenset()).isdisjoint(FULL_OF.get(other, ()))
