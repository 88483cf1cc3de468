//! Given names as Americans have them, with weights near those of the United States' birth registers of 1940 to 2005,
//! by origin, and the short forms that people go by.

/// Women of no particular origin.
pub const WOMEN: &str = "Mary 260 Patricia 156 Jennifer 147 Linda 144 Elizabeth 137 Barbara 126 Susan 111 Jessica 105 \
Karen 98 Sarah 100 Lisa 96 Nancy 93 Betty 60 Margaret 92 Sandra 87 Ashley 85 Kimberly 84 Emily 80 Donna 82 Michelle 81 \
Carol 76 Amanda 77 Dorothy 55 Melissa 75 Deborah 74 Stephanie 74 Rebecca 70 Sharon 72 Laura 66 Cynthia 70 Kathleen 62 \
Amy 68 Angela 65 Shirley 45 Anna 52 Brenda 60 Pamela 59 Emma 35 Nicole 58 Helen 40 Samantha 52 Katherine 55 \
Christine 53 Debra 54 Rachel 53 Carolyn 49 Janet 48 Catherine 50 Maria 45 Heather 52 Diane 48 Ruth 38 Julie 47 \
Olivia 28 Joyce 40 Virginia 38 Victoria 42 Kelly 46 Lauren 45 Christina 44 Joan 38 Evelyn 26 Judith 40 Megan 42 \
Andrea 38 Cheryl 42 Hannah 33 Jacqueline 38 Martha 36 Gloria 30 Teresa 37 Ann 36 Sara 35 Madison 22 Frances 30 \
Kathryn 36 Janice 34 Jean 32 Abigail 24 Alice 30 Julia 32 Judy 32 Sophia 18 Grace 26 Denise 33 Amber 34 Doris 20 \
Marilyn 26 Danielle 33 Beverly 28 Theresa 30 Diana 26 Brittany 33 Natalie 27 Rose 24 Isabella 14 Kayla 24 Alexis 22 \
Tiffany 28 Lori 27 Valerie 22 Vanessa 20 Allison 24 Crystal 25 Erin 25 Leslie 18 Tina 22 Peggy 14 Wendy 20 Dawn 20 \
Tracy 18 Holly 17 Caitlin 16 Molly 14 Bridget 9 Colleen 12 Maureen 14 Eileen 12 Ellen 18 Claire 12 Paula 18 Robin 17 \
Rhonda 15 Connie 14 Suzanne 16 Joanne 14 Marie 18 Monica 16 Veronica 14 Sheila 16 Vivian 10 Lillian 12 Lucille 7 \
Edith 7 Bernice 5 Phyllis 14 Lorraine 12 Rosemary 9 Geraldine 7 Gail 12 Glenda 8 Yvonne 12 Annette 10 Jeanne 9 \
Jasmine 14 Destiny 8 Latoya 7 Tamika 6 Ebony 6 Shanice 3 Keisha 5 Imani 4 Aaliyah 4 Zoe 8 Chloe 9 Paige 8 Brooke 12 \
Haley 10 Morgan 11 Sydney 8 Jordan 7 Taylor 12 Mackenzie 6 Autumn 5 Gwendolyn 6 Meredith 8 Whitney 8 Candace 7 Naomi 6";

/// Men of no particular origin.
pub const MEN: &str = "James 250 Robert 240 John 235 Michael 240 David 205 William 195 Richard 145 Joseph 138 \
Thomas 125 Christopher 118 Charles 115 Daniel 112 Matthew 100 Anthony 95 Mark 96 Donald 78 Steven 82 Andrew 78 Paul 80 \
Joshua 72 Kenneth 75 Kevin 72 Brian 72 George 70 Timothy 66 Ronald 65 Jason 63 Edward 66 Jeffrey 62 Ryan 60 Jacob 52 \
Gary 56 Nicholas 56 Eric 54 Jonathan 52 Stephen 54 Larry 48 Justin 50 Scott 50 Brandon 46 Benjamin 46 Samuel 44 \
Gregory 46 Alexander 44 Patrick 43 Frank 42 Raymond 40 Jack 36 Dennis 40 Jerry 36 Tyler 34 Aaron 34 Jose 20 Adam 33 \
Nathan 32 Henry 30 Zachary 30 Douglas 33 Peter 34 Kyle 30 Noah 20 Ethan 22 Jeremy 28 Christian 22 Walter 26 Keith 28 \
Austin 22 Roger 27 Terry 25 Sean 26 Gerald 24 Carl 25 Dylan 18 Harold 20 Jordan 18 Jesse 20 Bryan 20 Lawrence 22 \
Arthur 21 Gabriel 16 Bruce 20 Logan 14 Billy 16 Joe 16 Alan 17 Juan 8 Albert 17 Willie 14 Elijah 12 Wayne 16 Randy 16 \
Mason 8 Vincent 17 Liam 8 Roy 15 Ralph 15 Bobby 13 Russell 15 Bradley 16 Philip 16 Eugene 13 Louis 15 Howard 12 Fred 11 \
Craig 15 Travis 13 Shawn 14 Cameron 12 Connor 11 Brendan 8 Declan 2 Francis 12 Martin 13 Leonard 10 Stanley 9 Norman 9 \
Glenn 11 Dale 11 Todd 13 Marvin 8 Curtis 10 Clarence 7 Ernest 8 Melvin 6 Edwin 8 Theodore 8 Frederick 8 Dominic 7 \
Evan 10 Trevor 8 Garrett 7 Ian 9 Seth 7 Caleb 8 Lucas 10 Isaac 8 Owen 7 Wesley 7 Darryl 7 Terrence 6 Jamal 5 DeAndre 4 \
Malik 4 Tyrone 6 Marcus 11 Darnell 4 Reginald 6 Maurice 6 Andre 7 Xavier 4 Clifford 5 Herbert 5 Leroy 4 Lloyd 4 Neil 7 \
Barry 8 Brett 7 Derek 9 Corey 7 Dustin 8 Chad 9 Brent 6 Shane 7 Duane 4 Kurt 5 Calvin 5 Gordon 5 Hunter 7 Colin 6";

/// Women and men whose families came from Spanish-speaking countries.
pub const HISPANIC: [&str; 2] = [
    "Maria 90 Guadalupe 20 Carmen 22 Ana 30 Rosa 24 Juana 10 Sofia 14 Isabel 12 Gabriela 18 Alejandra 14 Daniela 12 \
     Claudia 14 Leticia 10 Yolanda 12 Silvia 12 Patricia 20 Veronica 16 Adriana 16 Lucia 8 Valeria 7 Camila 6 Esperanza 5 \
     Marisol 8 Blanca 10 Luz 8 Alicia 12 Jessica 14 Monica 12 Elena 10 Teresa 12 Norma 8 Araceli 5 Rocio 5 Ximena 3",
    "Jose 80 Juan 60 Luis 55 Carlos 50 Jorge 30 Miguel 34 Jesus 26 Francisco 24 Pedro 18 Manuel 22 Alejandro 22 Antonio 22 \
     Ricardo 18 Roberto 16 Fernando 14 Eduardo 16 Javier 16 Rafael 14 Sergio 12 Raul 12 Hector 12 Ramon 9 Oscar 14 \
     Angel 14 Victor 14 Mario 12 Arturo 10 Julio 9 Cesar 9 Diego 9 Enrique 8 Andres 9 Guillermo 6 Alberto 9 Ruben 8",
];

/// Of East Asian families.
pub const EAST_ASIAN: [&str; 2] = [
    "Mei 10 Li 12 Xiu 5 Hui 8 Jing 10 Yan 8 Ling 8 Grace 14 Jenny 12 Amy 12 Michelle 10 Linda 8 Lan 6 Huong 6 Linh 8 \
     Thuy 6 Mai 6 Trang 5 Phuong 6 Soo-Jin 3 Min-Ji 3 Eun 3 Hye-Jin 2 Susan 6 Christine 6 Jessica 6 Emily 6 Wei 6",
    "Wei 12 Jun 10 Ming 10 Jian 8 Kevin 14 David 14 Eric 10 Andrew 8 Daniel 8 Tuan 6 Minh 8 Hung 6 Duc 5 Hai 5 Nam 4 \
     Quang 4 Thanh 6 Sung 5 Min-Ho 2 Joon 4 Young-Ho 2 James 8 John 8 Peter 6 Raymond 5 Tony 6 Jason 6 Hao 5 Lei 5",
];

/// Of South Asian and Near Eastern families.
pub const SOUTH_ASIAN: [&str; 2] = [
    "Priya 12 Anjali 8 Pooja 7 Neha 8 Sunita 6 Lakshmi 6 Kavita 6 Deepa 6 Meera 5 Nisha 5 Fatima 9 Aisha 8 Zainab 4 \
     Layla 4 Nadia 5 Mariam 5 Shreya 4 Divya 5 Swati 4 Rekha 4 Usha 3 Hala 2 Samira 3 Yasmin 4",
    "Raj 12 Amit 9 Sanjay 8 Rahul 8 Vijay 7 Anil 7 Suresh 6 Ravi 7 Arjun 5 Vikram 5 Mohammed 14 Ahmed 10 Ali 9 Omar 6 \
     Hassan 6 Ibrahim 5 Youssef 4 Sunil 5 Manoj 4 Deepak 5 Srinivas 3 Venkatesh 3 Karim 3 Tariq 3 Bilal 2 Khalid 3",
];

/// Of Portuguese and Brazilian families.
pub const PORTUGUESE: [&str; 2] = [
    "Maria 30 Ana 20 Fernanda 8 Juliana 8 Beatriz 6 Mariana 7 Lucia 6 Fatima 6 Paula 7 Rosa 5 Larissa 4 Camila 5",
    "Jose 20 Joao 18 Antonio 14 Carlos 12 Paulo 10 Manuel 10 Luis 8 Pedro 8 Marcos 6 Rafael 6 Thiago 5 Joaquim 4",
];

/// What people are called, by the name on their papers: only what everybody says, the commonest first.
pub const SHORT: &str = "
William:Bill,Will,Billy,Liam Robert:Bob,Rob,Bobby,Robbie James:Jim,Jimmy,Jamie John:Jack,Johnny,Jon
Richard:Rick,Dick,Rich,Ricky Michael:Mike,Mikey,Mick Joseph:Joe,Joey Thomas:Tom,Tommy Christopher:Chris,Kit
Charles:Charlie,Chuck,Chas Daniel:Dan,Danny Matthew:Matt Anthony:Tony,Ant Donald:Don,Donnie Steven:Steve
Stephen:Steve Andrew:Andy,Drew Joshua:Josh Kenneth:Ken,Kenny Edward:Ed,Eddie,Ted,Ned Timothy:Tim,Timmy
Ronald:Ron,Ronnie Jeffrey:Jeff Jacob:Jake Nicholas:Nick,Nicky Jonathan:Jon Benjamin:Ben,Benny
Samuel:Sam,Sammy Gregory:Greg Alexander:Alex,Al,Sandy Patrick:Pat,Paddy Francis:Frank Raymond:Ray Gerald:Jerry,Gerry
Lawrence:Larry Nathan:Nate Zachary:Zach,Zack Douglas:Doug Peter:Pete Walter:Walt,Wally Arthur:Art
Vincent:Vinny,Vince Philip:Phil Eugene:Gene Louis:Lou Frederick:Fred,Freddy Theodore:Ted,Teddy Leonard:Len,Lenny
Bradley:Brad Albert:Al,Bert Henry:Hank,Harry Harold:Hal,Harry Edwin:Ed Ernest:Ernie Martin:Marty
Stanley:Stan Clifford:Cliff Herbert:Herb Reginald:Reggie Terrence:Terry Gabriel:Gabe Dominic:Dom Norman:Norm
Elizabeth:Liz,Beth,Betty,Lisa,Eliza,Betsy,Libby Patricia:Pat,Patty,Tricia,Trish Jennifer:Jen,Jenny Margaret:Peggy,Maggie,Meg,Marge
Barbara:Barb,Babs Susan:Sue,Susie Jessica:Jess,Jessie Katherine:Kathy,Kate,Katie,Kat Catherine:Cathy,Cate
Kathryn:Kathy,Katie Kathleen:Kathy,Kath Deborah:Deb,Debbie Debra:Deb,Debbie Rebecca:Becky,Becca Kimberly:Kim
Sandra:Sandy Michelle:Shelly,Mich Amanda:Mandy Stephanie:Steph Cynthia:Cindy Pamela:Pam Samantha:Sam
Christine:Chris,Chrissy Christina:Tina,Chris Victoria:Vicky,Tori Jacqueline:Jackie Judith:Judy Theresa:Terry,Tess
Teresa:Terri Virginia:Ginny Dorothy:Dot,Dottie Nancy:Nan Abigail:Abby Valerie:Val Allison:Allie Suzanne:Sue
Frances:Fran Angela:Angie Melissa:Missy,Mel Nicole:Nikki Natalie:Nat Danielle:Dani Janet:Jan Janice:Jan
Joanne:Jo Carolyn:Carol Cheryl:Cher Eileen:Ellie Gwendolyn:Gwen Rosemary:Rose Veronica:Ronnie Brittany:Britt
Madison:Maddie Isabella:Bella,Izzy Lillian:Lily Mary:Molly Sarah:Sally,Sadie Martha:Marty Lucille:Lucy
Jose:Pepe Francisco:Paco,Frank Guadalupe:Lupe Jesus:Chuy Alejandro:Alex Roberto:Beto Eduardo:Eddie Enrique:Quique
Guillermo:Memo Manuel:Manny Rosa:Rosie Isabel:Isa Gabriela:Gaby Antonio:Tony Carlos:Charlie Miguel:Mike Juan:John
Mohammed:Mo Sanjay:Jay Vijay:Jay Venkatesh:Venky Srinivas:Srini";
