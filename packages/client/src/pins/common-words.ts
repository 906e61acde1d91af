/**
 * Words and names in lower case, of four letters or more, on which people build passwords. They lead the public
 * rankings that decision 51 names.
 */
export const commonWords: ReadonlySet<string> = new Set(
  (
    'aaaaaaaa abcdefg abdullah abigail access action adam adidas admin ahmed airborne airforce airplane ' +
    'alaska albert alex alexander alexis aliali alicia alison allah allahu allahuakbar allison alpha alyssa ' +
    'amanda amber america anderson andrea andrew angel angela angels animal anthony apache apollo apple ' +
    'apples april archer arizona arsenal arthur artist ashley asshole atlanta august aurora austin author ' +
    'awesome ayesha azerty babies baby babyboy babygirl babylon badass badboy badger bailey baller ballin ' +
    'bambam banana bananas bandit barbara barbie barney baseball bastard batman beatles beautiful beauty ' +
    'beaver beavis beloved benjamin bigboy bigdaddy bigdog bigone birdie birthday bishop bismillah bitch ' +
    'biteme blabla black blahblah blaster blessed blessing blessings blink blonde blondie blue bluebird ' +
    'bluesky bobby bollocks bond bondage bonjour bonnie booboo booger boogie boomer boston bradley brandon ' +
    'brandy braves brazil brenda brittany bronco broncos brooke brooklyn brother bubba bubble bubbles buddha ' +
    'buddy buffalo bulldog bulldogs bullet bullshit business buster butter butterfly butthead cadillac caesar ' +
    'california callie calvin camaro cameron canada candy captain cardinal carlos carmen carolina caroline ' +
    'carter cartman casper cassie castle celtic central champion chance change changeme charles charlie ' +
    'cheese chelsea cherokee cherry chester chevy cheyenne chicago chichi chicken children chocolate chris ' +
    'christ christian christine church claire classic claudia cocacola coffee college colorado compaq ' +
    'computer connie connor cookie cookies cool coolio cooper copper corvette cougar courtney cowboy cowboys ' +
    'cracker creative cricket crystal curtis daisy dakota dallas dancer danger daniel danielle darkness david ' +
    'debbie december delta denise dennis denver destiny dexter diablo diamond diamonds dickhead diesel digger ' +
    'digital dilbert disney doctor dolphin dolphins dominic donkey douglas dragon dreamer dreams driver ' +
    'drowssap drummer dude duncan eagle eagles eclipse edward einstein elaine element elephant elijah ' +
    'elizabeth emerald emily eminem empire engineer england english enigma escort eternity eugene explorer ' +
    'express faisal faith faithful falcon family farhan fatboy father fatima fender ferrari firebird fireman ' +
    'fishing flipper florida flower flowers fluffy flyers foobar football forest forever france frankie ' +
    'franklin freddy fredfred free freedom friday friend friends froggy fuck fuckme fuckoff fuckyou future ' +
    'gabriel gandalf gangsta garden garfield gateway gators gemini general genesis genius george georgia ' +
    'germany gfhjkm ghbdtn giants gibson ginger godbless godislove godzilla golden golfer goober google ' +
    'gordon grace gracie grandma granny green greenday gregory griffin guinness guitar gunner habibi hacker ' +
    'halima hammer hannah happiness happy hardcore hardon harley harmony hassan hawaii heart hearts heather ' +
    'heaven hello helpme highland hiphop hitman hockey holiday holland home homer honda honey horses hotdog ' +
    'hotmail hottie houston howard hummer hunter hussain ibrahim icecream iceman ihateyou ilovehim iloveu ' +
    'iloveyou indian inshallah inside integra internet ireland isaiah islam ismail iverson iwantu jack ' +
    'jackass jackie jackson jacob jaguar james jamie janine january jasmine jason jasper jeffrey jehovah ' +
    'jennifer jenny jeremy jessica jessie jester jesus jesuschrist jesusis jesusislord jesuslovesme jimmy ' +
    'john johnny johnson joker jonathan jordan joseph josh joshua july jungle junior jupiter justice justin ' +
    'justme kamran karachi karate kashif kashmir katie kenneth kermit kevin khalid kids killer kimberly king ' +
    'kingdom kingkong kitten kitty klaster knight kramer lacrosse ladybug lahore lakers lauren legend lennon ' +
    'leslie letmein liberty licker life lights lincoln lisa little liverpool llllll login lolita lollipop ' +
    'london lonely looking loser louise love loveit lovelove lovely loveme lover loverboy lovers loveyou ' +
    'loving lucky maddog madina madison madonna maggie magic magnum malik mama manager manchester manutd ' +
    'march marcus mariam marie marina marine marines marino mark marlboro marley marriage marshall martin ' +
    'marvin maryam maryjane master matrix matt matthew maverick maximus maxwell megan melanie melissa melody ' +
    'member mercedes mercury merlin messiah metallic metallica mexico michael michelle michigan mickey ' +
    'microsoft midnight mike miller million mission misty mitchell mnbvcxz mohamed mohammad mohammed molly ' +
    'monday money monica monkey monster montana moon morgan mother mountain muffin muhammad murphy music ' +
    'muslim muslimah mustafa mustang myjesus mylove myname nadeem nascar natalie natasha nathan nature ' +
    'naughty nellie nelson nemesis network newport newton newyork nicholas nicole nikita nikki nintendo ' +
    'nirvana nissan nokia noodles nothing november number october oliver olivia omar onegod online orange ' +
    'orlando packers pakistan pakistani pamela pantera panther panthers paradise parker pass passion passport ' +
    'password pastor patches patricia patrick peace peaches peanut pebbles pencil penguin pentium people ' +
    'pepper pepsi perfect peter phantom phil philips phoenix pierre piglet pink platinum playboy player ' +
    'please pokemon polaris police poohbear pookie poopoo popcorn porsche power powers praise prayer precious ' +
    'prelude pretty prince princess private proverbs psalms pumpkin purple qazwsx queen qweasdzxc qweqwe ' +
    'qwert rabbit rachel racing raider raiders rainbow random ranger rangers raptor raymond rebecca redhead ' +
    'redrose redskins redsox reggie rehman remember richard rizwan robbie robert rocker rocket rockstar rocky ' +
    'romance romans ronaldo root rose rosebud runner rush russell russia rusty ryan sabrina safety saints ' +
    'salaam salafi saleem salman salvation samantha sameer sammy samson samsung samuel sandman sandra ' +
    'sapphire sara sarah sasha saturn sayang scarface scarlett school scooby scooter scorpio scorpion scotty ' +
    'secret security september serenity seven shadow shaggy shalom shamrock shannon sharon shazia shelby ' +
    'shelly sherman sherry shiloh shithead shorty siemens sierra silver simba simple simpson single sister ' +
    'skater skeeter skippy skyline slayer sleepy slipknot smile smiles smiley smokey smooth snickers sniper ' +
    'snoopy snowball soccer softball sophia sophie spanky sparky spartan special speedy spencer spider ' +
    'spiderman spirit spitfire spooky sports spring stalker stanley star startrek starwars steelers stella ' +
    'stephanie stephen steve steven stocking stormy street student stupid sublime success suckit sugar summer ' +
    'sunday sunflower sunny sunset sunshine super superman surfer suzuki sweet sweetie sweets sweety swinger ' +
    'swordfish sydney system taurus taylor teacher tennis teresa test tester testing theman theone therock ' +
    'thomas thumper thunder tiffany tiger tigers tigger timothy tinker titanic titties tommy topgun tornado ' +
    'toyota travis trinity tristan trixie trojan trooper trouble trustno tucker turbo turkey turtle tweety ' +
    'tyler unicorn united user vampire vanessa veronica victor victoria victory viking vikings vincent viper ' +
    'vision voodoo voyager walker wallace walter warrior water welcome wesley westside whatever william ' +
    'williams willie willow wilson windows winner winnie winston winter wisdom wizard wolverin wombat ' +
    'wordpass worship writing wutang xavier yamaha yankee yankees yasmin yellow yourmom ytrewq zachary zainab ' +
    'zombie'
  ).split(' '),
);
